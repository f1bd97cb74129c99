import { skuKey } from "@shop/values";
import { changed, refused, type Decision } from "./decision.ts";
import type { Product, ProductContent, Variant, VariantContent } from "./product.ts";

/** An author's content, and the category and slug that go with it. */
export type Revision = { content: ProductContent; categoryId: string; slug: string };

/** Replaces all that the author writes. Variants keep their ids by SKU; one left out is retired. A published product stays published. */
export function reviseProduct(
  product: Product,
  revision: Revision,
  now: Date,
  newId: (prefix: string) => string,
): Decision {
  if (product.status === "ARCHIVED")
    return refused("CONFLICT", "An archived product can't be changed.", ["id"]);
  const { content, categoryId, slug } = revision;
  const variants = reviseVariants(product.variants, content.variants, newId);
  const event = product.status === "PUBLISHED" ? ({ type: "ProductChanged" } as const) : undefined;
  return changed({ ...product, ...content, variants, categoryId, slug }, now, event);
}

/** A new draft. */
export function draftProduct(revision: Revision, now: Date, newId: (prefix: string) => string): Product {
  return {
    ...revision.content,
    id: newId("prd"),
    version: 1,
    status: "DRAFT",
    slug: revision.slug,
    categoryId: revision.categoryId,
    variants: reviseVariants([], revision.content.variants, newId),
    externalId: null,
    importHash: null,
    rejectionReason: null,
    createdAt: now,
    updatedAt: now,
    submittedAt: null,
    publishedAt: null,
  };
}

function reviseVariants(
  old: readonly Variant[],
  written: readonly VariantContent[],
  newId: (prefix: string) => string,
): Variant[] {
  const oldByKey = new Map(old.map((it) => [skuKey(it.sku), it]));
  const kept = written.map((it): Variant => {
    const before = oldByKey.get(skuKey(it.sku));
    // A SKU stays as it was first written: stock and carts go by it.
    const known = before && { sku: before.sku, ...(before.skuTurn ? { skuTurn: before.skuTurn } : {}) };
    return { ...it, ...known, id: before?.id ?? newId("var"), isRetired: false };
  });
  const keys = new Set(written.map((it) => skuKey(it.sku)));
  const retired = old.filter((it) => !keys.has(skuKey(it.sku))).map((it) => ({ ...it, isRetired: true }));
  return [...kept, ...retired];
}
