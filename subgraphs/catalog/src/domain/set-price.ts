import { skuKey } from "@shop/values";
import { changed, refused, type Decision } from "./decision.ts";
import { priceIn, type Price, type Product, type Variant } from "./product.ts";

/** Sets a variant's price in one currency; its prices in other currencies stay. */
export function setPrice(product: Product, sku: string, next: Price, now: Date): Decision {
  if (product.status === "ARCHIVED")
    return refused("CONFLICT", "An archived product can't be changed.", ["sku"]);
  const variant = product.variants.find((it) => skuKey(it.sku) === skuKey(sku) && !it.isRetired);
  if (!variant) return refused("NOT_FOUND", `There is no variant with the SKU "${sku}".`, ["sku"]);
  const { amount, currency } = next;
  const was = priceIn(variant, currency) ?? { amount: 0, currency };
  const variants = product.variants.map((it) => (it === variant ? withPrice(it, next) : it));
  const event = { type: "PriceChanged", sku: variant.sku, was, now: { amount, currency } } as const;
  return changed({ ...product, variants }, now, product.status === "PUBLISHED" ? event : undefined);
}

function withPrice(variant: Variant, next: Price): Variant {
  const hasOne = variant.prices.some((it) => it.currency === next.currency);
  const prices = hasOne
    ? variant.prices.map((it) => (it.currency === next.currency ? next : it))
    : [...variant.prices, next];
  return { ...variant, prices };
}
