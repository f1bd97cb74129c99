import type { ProductSnapshot } from "@shop/events";
import type { Money } from "@shop/values";

/** Where a product stands on its way into the shop. */
export type ProductStatus = ProductSnapshot["status"];

/** A named property, such as Colour: red. */
export type Attribute = { name: string; value: string };

/** A price in one currency, in minor units, and the one to strike through. */
export type Price = { currency: string; amount: number; compareAt: number | null };

/** What an author writes of a variant. The first price is the shop's own. */
export type VariantContent = {
  sku: string;
  title: string;
  attributes: Attribute[];
  prices: Price[];
  weightGrams: number;
};

/** A variant; one that an update left out is retired: no longer shown or sold, still found by those who bought it. */
export type Variant = VariantContent & { id: string; isRetired: boolean };

/** All of a product that its author writes. */
export type ProductContent = {
  title: string;
  description: string;
  brand: string | null;
  attributes: Attribute[];
  imageUrls: string[];
  variants: VariantContent[];
};

/** A product with its variants: what changes together. */
export type Product = Omit<ProductContent, "variants"> & {
  id: string;
  /** Grows by one with each change. */
  version: number;
  status: ProductStatus;
  slug: string;
  categoryId: string;
  variants: Variant[];
  /** The id at its source, where it was imported. */
  externalId: string | null;
  /** Digest of the record that it was imported from. */
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

/** A product that was ever live is shown to all, archived ones too; before that it is its makers' only. */
export const isPublic = (product: Product): boolean => product.publishedAt !== null;

/** The price in a currency, if the variant has one. */
export function priceIn(variant: VariantContent, currency: string): Money | undefined {
  const price = variant.prices.find((it) => it.currency === currency);
  return price && { amount: price.amount, currency };
}

/** The product as it is told to others. */
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
