import type { IndexDocument, SearchRequest } from "../src/engine.ts";

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
