import type { PricedShippingOption, Quote } from "@shop/events";
import { add, subtract } from "@shop/values";
import { taxOn, type PricedCart } from "./price-cart.ts";

/** The totals of a quote: subtotal less discount, plus shipping, plus tax (also on shipping). */
export function totalsOf(priced: PricedCart, option: PricedShippingOption, taxRate: number): Quote["totals"] {
  const { subtotal, discount } = priced;
  const shipping = option.price;
  const tax = add(priced.tax, taxOn(shipping, taxRate));
  return { subtotal, discount, shipping, tax, total: add(subtract(subtotal, discount), shipping, tax) };
}

/** The quote, which order stores verbatim. Throws on a line whose variant the projection lacks. */
export function quoteOf(priced: PricedCart, option: PricedShippingOption, taxRate: number): Quote {
  const { cart } = priced;
  return {
    cartId: cart.id,
    cartVersion: cart.version,
    customerId: cart.customerId,
    currency: cart.currency,
    lines: priced.lines.map((line) => {
      if (!line.variant) throw new Error(`line "${line.id}" was to be quoted without its variant`);
      const { id: lineId, sku, title, imageUrl, quantity, unitPrice, lineTotal } = line;
      const { variantId, productId, weightGrams } = line.variant;
      const product = { variantId, productId, sku, title, imageUrl, weightGrams };
      return { lineId, ...product, quantity, unitPrice, lineTotal };
    }),
    totals: totalsOf(priced, option, taxRate),
    shippingOption: option,
  };
}
