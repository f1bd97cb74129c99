import type { Cart, CartLine } from "../domain/cart.ts";

type Body = Pick<Cart, "currency" | "lines" | "updatedAt">;
/** A line's id, SKU, variant, units and price in minor units; its currency only where it isn't the cart's. */
type Row = [string, string, string, number, number, string?];

/** What Redis keeps of a guest's cart, in half of the bytes that the lines would take with their names. */
export function bodyOf({ currency, lines, updatedAt }: Body): string {
  const rows = lines.map(({ id, sku, variantId, quantity, priceWhenAdded: price }): Row => {
    const isUsual = price.currency === currency;
    return [
      id,
      sku,
      variantId,
      quantity,
      price.amount,
      ...(isUsual ? ([] as const) : ([price.currency] as const)),
    ];
  });
  return JSON.stringify([currency, updatedAt.getTime(), rows]);
}

/** Reads it, also as a release before has written it: an object with names. */
export function linesIn(text: string): Body {
  const body = JSON.parse(text) as
    [string, number, Row[]] | { currency: string; lines: CartLine[]; updatedAt: string };
  if (!Array.isArray(body)) return { ...body, updatedAt: new Date(body.updatedAt) };
  const [currency, updatedAt, rows] = body;
  const lines = rows.map(([id, sku, variantId, quantity, amount, other]): CartLine => {
    return { id, sku, variantId, quantity, priceWhenAdded: { amount, currency: other ?? currency } };
  });
  return { currency, lines, updatedAt: new Date(updatedAt) };
}
