import { withLines, type Cart, type Edit, type EditContext, type Refusal } from "./cart.ts";

/** Takes whole lines out. */
export function removeLines(cart: Cart, lineIds: readonly string[], { now }: Pick<EditContext, "now">): Edit {
  if (lineIds.length === 0) return { cart };
  const known = new Set(cart.lines.map((line) => line.id));
  const refusals = lineIds.flatMap((lineId, at): Refusal[] => {
    if (known.has(lineId)) return [];
    return [{ code: "NOT_FOUND", message: "The cart has no such line.", field: ["lineIds", String(at)] }];
  });
  if (refusals.length > 0) return { refusals };
  const gone = new Set(lineIds);
  return {
    cart: withLines(
      cart,
      cart.lines.filter((line) => !gone.has(line.id)),
      now,
    ),
  };
}
