import type { ProductSnapshot, StockState } from "@shop/events";
import type { IndexDocument, SkuStock } from "../engine/engine.ts";

/** The document of a product. */
export function toDocument(product: ProductSnapshot): IndexDocument {
  const { variants } = product;
  const attributes = [...product.attributes, ...variants.flatMap((variant) => variant.attributes)];
  return {
    id: product.productId,
    version: product.version,
    isLive: product.status === "PUBLISHED",
    title: product.title,
    description: product.description,
    brand: product.brand,
    categories: product.categoryPath,
    attributes: attributes.filter(({ name }) => !isIdName(name)),
    ids: [
      ...variants.map(({ sku }) => sku),
      ...attributes.filter(({ name }) => isIdName(name)).map(({ value }) => value),
    ],
    skus: variants.map(({ sku }) => sku),
    prices: lowestPrices(product),
    rating: null,
    publishedAt: Date.parse(product.createdAt),
  };
}

/** The stock of a SKU as the index has it. */
export function toStock({ sku, productId, available, version }: StockState): SkuStock {
  return { sku, productId, available, version };
}

const idNames = new Set(["ean", "gtin", "upc", "isbn", "mpn", "part number"]);

function isIdName(name: string): boolean {
  return idNames.has(name.toLowerCase());
}

function lowestPrices({ variants }: ProductSnapshot): [string, number][] {
  const lowest = new Map<string, number>();
  for (const { amount, currency } of variants.flatMap(({ prices }) => prices)) {
    lowest.set(currency, Math.min(amount, lowest.get(currency) ?? amount));
  }
  return [...lowest];
}
