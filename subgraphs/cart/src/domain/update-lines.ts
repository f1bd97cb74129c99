import {
  maxQuantity,
  priceOf,
  withLines,
  type Cart,
  type Edit,
  type EditContext,
  type Refusal,
} from "./cart.ts";

export type LineToUpdate = { lineId: string; quantity: number };

/** Sets quantities; 0 takes the line out. Of two entries for one line the last one counts. */
export function updateLines(cart: Cart, input: readonly LineToUpdate[], context: EditContext): Edit {
  if (input.length === 0) return { cart };
  const refusals = input.flatMap((line, at) => refuse(cart, line, at) ?? []);
  if (refusals.length > 0) return { refusals };
  const wanted = new Map(input.map(({ lineId, quantity }) => [lineId, quantity]));
  const lines = cart.lines.flatMap((line) => {
    const quantity = wanted.get(line.id);
    if (quantity === undefined) return [line];
    if (quantity === 0) return [];
    const today = priceOf(context.variants.get(line.sku), cart.currency);
    return [{ ...line, quantity, priceWhenAdded: today ?? line.priceWhenAdded }];
  });
  return { cart: withLines(cart, lines, context.now) };
}

function refuse(cart: Cart, { lineId, quantity }: LineToUpdate, at: number): Refusal | undefined {
  const byQuantity = ["lines", String(at), "quantity"];
  if (!Number.isSafeInteger(quantity) || quantity < 0) {
    return { code: "INVALID_INPUT", message: "The quantity must be 0 or more.", field: byQuantity };
  }
  if (quantity > maxQuantity) {
    const message = `A line takes at most ${maxQuantity} units.`;
    return { code: "QUANTITY_LIMIT", message, field: byQuantity };
  }
  if (cart.lines.some((line) => line.id === lineId)) return undefined;
  const field = ["lines", String(at), "lineId"];
  return { code: "NOT_FOUND", message: "The cart has no such line.", field };
}
