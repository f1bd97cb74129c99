import { userError } from "@shop/values";
import { tooMany } from "./add-lines.ts";
import {
  maxQuantity,
  priceOf,
  withLines,
  type Cart,
  type Edit,
  type EditContext,
  type UserError,
} from "./cart.ts";

export type LineToUpdate = { lineId: string; quantity: number };

/** Sets quantities; 0 removes the line. Of two entries for one line the last one counts. */
export function updateLines(cart: Cart, input: readonly LineToUpdate[], context: EditContext): Edit {
  if (input.length === 0) return { cart };
  const errors = input.flatMap((line, at) => check(cart, line, at) ?? []);
  if (errors.length > 0) return { errors };
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

function check(cart: Cart, { lineId, quantity }: LineToUpdate, at: number): UserError | undefined {
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return userError("INVALID_INPUT", "The quantity must be 0 or more.", ["lines", String(at), "quantity"]);
  if (quantity > maxQuantity) return tooMany(at);
  if (cart.lines.some((line) => line.id === lineId)) return undefined;
  return userError("NOT_FOUND", "The cart has no such line.", ["lines", String(at), "lineId"]);
}
