import { z } from "zod";
import { moneySchema } from "./shared-schemas.ts";

const attribute = z.object({ name: z.string(), value: z.string() });

/** A variant as it is on sale. */
export const variantSnapshot = z.object({
  variantId: z.string(),
  sku: z.string(),
  /** How many times the SKU has gone to another product, from 1 (absent): what a lower turn says of it is out of date. */
  skuTurn: z.int().optional(),
  title: z.string(),
  attributes: z.array(attribute),
  imageUrl: z.string().nullable(),
  /** One price a currency; the first is the shop's own. */
  prices: z.array(moneySchema).min(1),
  compareAtPrice: moneySchema.nullable(),
  weightGrams: z.int().nonnegative(),
});

/** The whole product after a change, so that no consumer needs to have seen the changes before it. */
export const productSnapshot = z.object({
  productId: z.string(),
  /** Grows by one with each change of the product or of a variant; the event's aggregate version. */
  version: z.int(),
  status: z.enum(["DRAFT", "IN_REVIEW", "PUBLISHED", "REJECTED", "ARCHIVED"]),
  slug: z.string(),
  title: z.string(),
  description: z.string(),
  brand: z.string().nullable(),
  /** From the root down to the product's own category. */
  categoryPath: z.array(z.object({ id: z.string(), slug: z.string(), name: z.string() })).min(1),
  attributes: z.array(attribute),
  imageUrls: z.array(z.string()),
  variants: z.array(variantSnapshot).min(1),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** A product, as catalog publishes it. */
export type ProductSnapshot = z.infer<typeof productSnapshot>;
/** A variant, as catalog publishes it. */
export type VariantSnapshot = z.infer<typeof variantSnapshot>;

const product = z.object({ product: productSnapshot });

/** The events that catalog publishes. Aggregate: the product. Events concern published and archived products alone. */
export const catalogEvents = {
  /** Customers can find and buy the product from now on. */
  ProductPublished: product,
  /** Anything of a published product has changed but its prices alone. */
  ProductChanged: product,
  /** No longer for sale; old orders still show it. */
  ProductArchived: product,
  /** A variant of a published product has another price. */
  PriceChanged: product.extend({ sku: z.string(), was: moneySchema, now: moneySchema }),
};
