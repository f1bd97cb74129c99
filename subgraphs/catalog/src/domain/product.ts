import type { ProductSnapshot } from "@shop/events";
import type { Money } from "@shop/values";

/** The state of a product on its way into the shop. */
export type ProductStatus = ProductSnapshot["status"];

/** A named property, such as Colour: red. */
export type Attribute = { name: string; value: string };

/** A price in one currency, in minor units, with the compare-at price that the shop strikes through. */
export type Price = { currency: string; amount: number; compareAt: number | null };

/** The part of a variant that its author writes. The first price is in the shop's own currency. */
export type VariantContent = {
  sku: string;
  title: string;
  attributes: Attribute[];
  prices: Price[];
  weightGrams: number;
};

/** A variant. An update that leaves it out retires it: no longer shown or sold, still found by carts and orders. */
export type Variant = VariantContent & {
  id: string;
  isRetired: boolean;
  /** Another product has its SKU now: it is found by its id alone. */
  isGivenAway?: boolean;
  /** How many times its SKU has gone to another product, from 1; absent is 1. */
  skuTurn?: number;
};

/** The part of a product that its author writes. */
export type ProductContent = {
  title: string;
  description: string;
  brand: string | null;
  attributes: Attribute[];
  imageUrls: string[];
  variants: VariantContent[];
};

/** A product with its variants, which change as one. */
export type Product = Omit<ProductContent, "variants"> & {
  id: string;
  /** Grows by one with each change. */
  version: number;
  status: ProductStatus;
  slug: string;
  categoryId: string;
  variants: Variant[];
  /** The id at the source of its import; null where staff made it. */
  externalId: string | null;
  /** Digest of the last record that was imported under this external id. */
  importHash: string | null;
  rejectionReason: string | null;
  createdAt: Date;
  updatedAt: Date;
  submittedAt: Date | null;
  publishedAt: Date | null;
};

/** A category with its ancestors' ids and its own. */
export type Category = { id: string; slug: string; name: string; parentId: string | null; path: string[] };

/** The variants that are shown and sold. */
export const variantsForSale = (product: Product): Variant[] =>
  product.variants.filter((it) => !it.isRetired);

/** A product that was ever published is shown to all, also when archived; before that to staff and moderators only. */
export const isPublic = (product: Product): boolean => product.publishedAt !== null;

/** The price in a currency, if the variant has one. */
export function priceIn(variant: VariantContent, currency: string): Money | undefined {
  const price = variant.prices.find((it) => it.currency === currency);
  return price && { amount: price.amount, currency };
}

/** The price to strike through in a currency, if the variant is reduced in it. */
export function compareAtPriceIn(variant: VariantContent, currency: string): Money | undefined {
  const amount = variant.prices.find((it) => it.currency === currency)?.compareAt;
  return typeof amount === "number" ? { amount, currency } : undefined;
}

/** The product as events and `catalog.products` carry it. */
export function snapshot(product: Product, categoryPath: ProductSnapshot["categoryPath"]): ProductSnapshot {
  return {
    productId: product.id,
    version: product.version,
    status: product.status,
    slug: product.slug,
    title: product.title,
    description: product.description,
    brand: product.brand,
    categoryPath,
    attributes: product.attributes,
    imageUrls: product.imageUrls,
    variants: variantsForSale(product).map((variant) => {
      const [own] = variant.prices;
      return {
        variantId: variant.id,
        sku: variant.sku,
        ...(variant.skuTurn === undefined ? {} : { skuTurn: variant.skuTurn }),
        title: variant.title,
        attributes: variant.attributes,
        imageUrl: product.imageUrls[0] ?? null,
        prices: variant.prices.map(({ amount, currency }) => ({ amount, currency })),
        compareAtPrice:
          own && own.compareAt !== null ? { amount: own.compareAt, currency: own.currency } : null,
        weightGrams: variant.weightGrams,
      };
    }),
    createdAt: product.createdAt.toISOString(),
    updatedAt: product.updatedAt.toISOString(),
  };
}
