import type { PricedShippingOption, Quote } from "@shop/events";
import { add, subtract } from "@shop/values";
import { taxOn, type PricedCart } from "./price-cart.ts";

/** The whole price, shipping and its tax included: the total is subtotal less discount, with shipping and tax. */
export function totalsOf(priced: PricedCart, option: PricedShippingOption, taxRate: number): Quote["totals"] {
  const { subtotal, discount } = priced;
  const shipping = option.price;
  const tax = add(priced.tax, taxOn(shipping, taxRate));
  return { subtotal, discount, shipping, tax, total: add(subtract(subtotal, discount), shipping, tax) };
}

/** What order stores verbatim. Only for a cart whose lines are all for sale. */
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
      return {
        lineId,
        variantId,
        productId,
        sku,
        title,
        imageUrl,
        quantity,
        unitPrice,
        lineTotal,
        weightGrams,
      };
    }),
    totals: totalsOf(priced, option, taxRate),
    shippingOption: option,
  };
}
