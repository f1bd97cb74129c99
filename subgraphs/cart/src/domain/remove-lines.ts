import { userError } from "@shop/values";
import { withLines, type Cart, type Edit, type EditContext, type UserError } from "./cart.ts";

/** Removes whole lines. */
export function removeLines(cart: Cart, lineIds: readonly string[], { now }: Pick<EditContext, "now">): Edit {
  if (lineIds.length === 0) return { cart };
  const known = new Set(cart.lines.map((line) => line.id));
  const errors = lineIds.flatMap((lineId, at): UserError[] => {
    if (known.has(lineId)) return [];
    return [userError("NOT_FOUND", "The cart has no such line.", ["lineIds", String(at)])];
  });
  if (errors.length > 0) return { errors };
  const removed = new Set(lineIds);
  const lines = cart.lines.filter((line) => !removed.has(line.id));
  return { cart: withLines(cart, lines, now) };
}
