import type { IndexDocument, SearchRequest, SkuStock } from "../src/engine/engine.ts";

/** A product for sale, with what the test is about. */
export function aDocument(given: Partial<IndexDocument> & { id: string }): IndexDocument {
  return {
    version: 1,
    isLive: true,
    title: `Thing ${given.id}`,
    description: "",
    brand: null,
    categories: [{ id: "cat_things", slug: "things", name: "Things" }],
    attributes: [],
    ids: [`SKU-${given.id}`],
    skus: [`SKU-${given.id}`],
    prices: [["USD", 1000]],
    rating: null,
    publishedAt: Date.UTC(2026, 0, 1),
    ...given,
  };
}

/** A request with the usual rest. */
export function aRequest(given: Partial<SearchRequest>): SearchRequest {
  return {
    query: "",
    filters: {},
    sort: "RELEVANCE",
    size: 20,
    after: undefined,
    wantsFacets: false,
    ...given,
  };
}

export const stock = (
  sku: string,
  available: number,
  version: number,
  productId = sku.slice(4),
): SkuStock => ({
  sku,
  productId,
  available,
  version,
});
export const inStock = (sku: string, productId?: string) => stock(sku, 9, 1, productId);

const clothing = { id: "cat_clothing", slug: "clothing", name: "Clothing" };
const footwear = [clothing, { id: "cat_footwear", slug: "footwear", name: "Footwear" }];

export const catalogue: IndexDocument[] = [
  aDocument({
    id: "shoe-trail",
    title: "Fleet trail shoes",
    brand: "Fleet",
    categories: footwear,
    attributes: [
      { name: "Size", value: "42" },
      { name: "Sole", value: "grip" },
    ],
    prices: [
      ["USD", 5_000],
      ["EUR", 4_500],
    ],
  }),
  aDocument({
    id: "shoe-road",
    title: "Fleet road shoes",
    brand: "Fleet",
    categories: footwear,
    attributes: [
      { name: "Size", value: "43" },
      { name: "Sole", value: "flat" },
    ],
    prices: [["USD", 6_000]],
  }),
  aDocument({
    id: "tent",
    title: "Norrvik dome tent",
    brand: "Norrvik",
    description: "Keeps dry in the worst downpours",
    attributes: [{ name: "Colour", value: "Turquoise" }],
    ids: ["NV-200/T", "4006381333931"],
    prices: [
      ["USD", 19_900],
      ["EUR", 18_900],
    ],
    rating: 4.5,
    publishedAt: Date.UTC(2026, 5, 1),
  }),
  aDocument({ id: "raincoat", title: "Light raincoat", categories: [clothing] }),
  aDocument({ id: "t-shirt", title: "Plain T-Shirt", categories: [clothing] }),
  aDocument({ id: "wardrobe", title: "Oak wardrobe" }),
  aDocument({ id: "phone", title: "Samsung Galaxy phone" }),
  aDocument({ id: "phone-case", title: "Case for iPhone" }),
  aDocument({ id: "rack", title: "Rack <b> & shelf" }),
  aDocument({ id: "schuh", title: "Der Schuh für den Herbst" }),
  aDocument({ id: "chaussures", title: "Des chaussures pour la pluie" }),
  aDocument({ id: "zapatos", title: "Los zapatos de la abuela" }),
];
