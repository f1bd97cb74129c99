import type { Product } from "../src/domain/product.ts";

/** A valid product, for tests. */
export function aProduct(over: Partial<Product> = {}): Product {
  const at = new Date("2026-01-01T00:00:00Z");
  return {
    id: "prd_1",
    version: 1,
    status: "DRAFT",
    slug: "tea",
    title: "Tea",
    description: "Leaves",
    brand: null,
    categoryId: "cat_1",
    attributes: [],
    imageUrls: [],
    variants: [
      {
        id: "var_1",
        sku: "TEA-1",
        title: "Tea",
        attributes: [],
        prices: [{ currency: "USD", amount: 500, compareAt: null }],
        weightGrams: 100,
        isRetired: false,
      },
    ],
    externalId: null,
    importHash: null,
    rejectionReason: null,
    createdAt: at,
    updatedAt: at,
    submittedAt: null,
    publishedAt: null,
    ...over,
  };
}
