import { fold } from "../text/fold.ts";
import type { Filters, SearchRequest } from "../engine/engine.ts";

/** The cache key of a request: equal for requests that have the same answer. */
export function cacheKeyOf(request: SearchRequest): string {
  const { query, filters, sort, size, after, wantsFacets, preferences } = request;
  return JSON.stringify([
    fold(query).trim(),
    normal(filters),
    sort,
    size,
    after ?? 0,
    wantsFacets,
    preferences ?? 0,
  ]);
}

function normal({ currency, categories, brands, attributes, ...numbers }: Filters): unknown[] {
  const { priceMin, priceMax, ratingMin, inStock } = numbers;
  return [
    currency,
    [...(categories ?? [])].sort(),
    (brands ?? []).map((brand) => brand.toLowerCase()).sort(),
    [priceMin, priceMax, ratingMin, inStock].map((value) => value ?? null),
    (attributes ?? []).map(({ name, values }) => [name.toLowerCase(), ...[...values].sort()]),
  ];
}
