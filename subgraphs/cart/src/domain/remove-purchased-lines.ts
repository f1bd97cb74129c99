import { withLines, type Cart } from "./cart.ts";

/** The units of one SKU in a confirmed order. */
export type PurchasedLine = { sku: string; quantity: number };

/**
 * Removes the units that a confirmed order has purchased; units added since stay. Lines match by SKU, because a customer may
 * have removed a line and added it again under another id. Returns the same object when the cart has none of the SKUs.
 */
export function removePurchasedLines(cart: Cart, purchased: readonly PurchasedLine[], now: Date): Cart {
  const units = new Map<string, number>();
  for (const { sku, quantity } of purchased) units.set(sku, (units.get(sku) ?? 0) + quantity);
  if (!cart.lines.some((line) => units.has(line.sku))) return cart;
  const lines = cart.lines.flatMap((line) => {
    const quantity = line.quantity - (units.get(line.sku) ?? 0);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
  return withLines(cart, lines, now);
}
