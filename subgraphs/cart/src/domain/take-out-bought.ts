import { withLines, type Cart } from "./cart.ts";

export type Bought = { sku: string; quantity: number };

/**
 * Takes what a confirmed order bought out of the cart and leaves what was added meanwhile. By SKU, as a line
 * may have been taken out and put back under another id. The same object if nothing of it is left there.
 */
export function takeOutBought(cart: Cart, bought: readonly Bought[], now: Date): Cart {
  const left = new Map<string, number>();
  for (const { sku, quantity } of bought) left.set(sku, (left.get(sku) ?? 0) + quantity);
  if (!cart.lines.some((line) => left.has(line.sku))) return cart;
  const lines = cart.lines.flatMap((line) => {
    const quantity = line.quantity - (left.get(line.sku) ?? 0);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
  return withLines(cart, lines, now);
}
