import type { Cart, CartLine } from "../domain/cart.ts";

type Body = Pick<Cart, "currency" | "lines" | "updatedAt">;
/** A line's id, SKU, variant, quantity and price in minor units; the price's currency if it differs from the cart's. */
type Row = [string, string, string, number, number, string?];

/** A guest cart as Redis keeps it, in half of the bytes of lines with field names. */
export function bodyOf({ currency, lines, updatedAt }: Body): string {
  const rows = lines.map(({ id, sku, variantId, quantity, priceWhenAdded: price }): Row => {
    const other = price.currency === currency ? ([] as const) : ([price.currency] as const);
    return [id, sku, variantId, quantity, price.amount, ...other];
  });
  return JSON.stringify([currency, updatedAt.getTime(), rows]);
}

export function linesIn(text: string): Body {
  const [currency, updatedAt, rows] = JSON.parse(text) as [string, number, Row[]];
  const lines = rows.map(([id, sku, variantId, quantity, amount, other]): CartLine => {
    return { id, sku, variantId, quantity, priceWhenAdded: { amount, currency: other ?? currency } };
  });
  return { currency, lines, updatedAt: new Date(updatedAt) };
}
