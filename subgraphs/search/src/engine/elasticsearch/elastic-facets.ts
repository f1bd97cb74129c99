import type { estypes } from "@elastic/elasticsearch";
import { maxDistinctValues, maxValues } from "../../query/facets/facet-values.ts";
import { priceRangeStarts } from "../../query/facets/price-ranges.ts";
import type { Category, Filters } from "../engine.ts";
import type { CountedValue, FacetCounts } from "../search-index.ts";
import { attributeKeywordPrefix, readAttributeKeyword } from "./elastic-document.ts";
import { allBut } from "./elastic-query.ts";

type Aggregations = Record<string, estypes.AggregationsAggregationContainer>;
type FilterQueries = ReadonlyMap<string, estypes.QueryDslQueryContainer>;

/** Whether the values of an attribute can be counted; whether they are choices shows in their counts. */
export function canBeCounted(name: string): boolean {
  return patternOf(name).length <= maxPatternLength;
}

/** The aggregations: each facet is counted under all filters but its own; facets with the same filters share a group. */
export function facetAggregations(
  attributes: readonly string[],
  filters: Filters,
  queries: FilterQueries,
  shopCurrency: string,
): Aggregations {
  const groups: Record<string, { filter: estypes.QueryDslQueryContainer; aggs: Aggregations }> = {};
  const count = (own: string, name: string, counted: estypes.AggregationsAggregationContainer) => {
    const group = queries.has(own) ? `all but ${own}` : "all";
    groups[group] ??= { filter: allBut(queries, own), aggs: {} };
    groups[group].aggs[name] = counted;
  };
  const price = `price.${filters.currency ?? shopCurrency}`;
  const ranges = priceRangeStarts.map((from, at) => {
    const to = priceRangeStarts[at + 1];
    return { key: String(at), from, ...(to !== undefined && { to }) };
  });
  count("category", "category", { terms: { field: "category_path", size: maxValues } });
  count("brand", "brand", { terms: { field: "brand", size: maxSpellings } });
  if (filters.categories?.[0] !== undefined)
    count("category", selected("category"), onlyOf("category_path", filters.categories));
  if (filters.brands?.[0] !== undefined)
    count("brand", selected("brand"), onlyOf("brand_key", lowercased(filters.brands)));
  count("price", "price", { range: { field: price, ranges } });
  count("rating", "rating", {
    range: { field: "rating", ranges: [1, 2, 3, 4].map((from) => ({ key: String(from), from })) },
  });
  count("inStock", "inStock", { terms: { field: "in_stock" } });
  for (const [at, name] of attributes.entries()) {
    if (!canBeCounted(name)) continue;
    const include = patternOf(name);
    const counted = { terms: { field: "traits", include, size: maxDistinctValues + 1 } };
    count(filterName(name, filters), aggregationName(at), counted);
  }
  return groups;
}

// Twice the maximum, since two spellings of a brand are one value.
const maxSpellings = 2 * maxValues;

// A selected value is shown, however rare it is.
const selected = (facet: string) => `selected ${facet}`;
function onlyOf(field: string, include: string[]): estypes.AggregationsAggregationContainer {
  return { terms: { field, include, size: include.length, min_doc_count: 0 } };
}

// Elasticsearch refuses patterns of more than 1000 characters.
const maxPatternLength = 900;

type Bucket = { key: string | number; key_as_string?: string; doc_count: number };

/** Reads the counts of the aggregations. */
export function readCounts(
  counted: Record<string, unknown>,
  attributes: readonly string[],
  categories: ReadonlyMap<string, Category>,
): FacetCounts {
  const groups = Object.values(counted) as Record<string, { buckets?: Bucket[] }>[];
  const bucketsOf = (name: string) => groups.find((group) => name in group)?.[name]?.buckets ?? [];
  const countOf = (name: string, key: string) =>
    bucketsOf(name).find((bucket) => (bucket.key_as_string ?? String(bucket.key)) === key)?.doc_count ?? 0;
  const valuesOf = (name: string, labelOf = (value: string) => value): CountedValue[] => {
    const frequent = bucketsOf(name);
    const known = new Set(frequent.map(({ key }) => String(key).toLowerCase()));
    const others = bucketsOf(selected(name)).filter(({ key }) => !known.has(String(key).toLowerCase()));
    return [...frequent, ...others].map(({ key, doc_count: count }) => {
      const value = String(key);
      return { value, label: labelOf(value), count };
    });
  };
  return {
    categories: valuesOf("category", (slug) => categories.get(slug)?.name ?? slug),
    brands: ofAnySpelling(valuesOf("brand")),
    prices: priceRangeStarts.map((_, at) => countOf("price", String(at))),
    ratings: [0, 1, 2, 3, 4].map((least) => countOf("rating", String(least))),
    inStock: countOf("inStock", "true"),
    outOfStock: countOf("inStock", "false"),
    attributes: attributes.map((key, at) => {
      const read = bucketsOf(aggregationName(at)).map(({ key: keyword, doc_count: count }) => {
        return { ...readAttributeKeyword(String(keyword)), count };
      });
      const values = read.map(({ value, count }) => ({ value, label: value, count }));
      return { name: key, label: read[0]?.name ?? key, values: ofAnySpelling(values) };
    }),
  };
}

// Spellings of a value are one value, shown in the most frequent spelling.
function ofAnySpelling(values: readonly CountedValue[]): CountedValue[] {
  return [...Map.groupBy(values, ({ value }) => value.toLowerCase()).values()].flatMap((spellings) => {
    const [first] = spellings.toSorted(
      (one, other) => other.count - one.count || (one.value < other.value ? -1 : 1),
    );
    return first ? [{ ...first, count: spellings.reduce((sum, { count }) => sum + count, 0) }] : [];
  });
}

function lowercased(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase());
}

// By number, since attribute names may have characters that aggregation names may not.
function aggregationName(at: number): string {
  return `attribute ${at}`;
}

function filterName(attribute: string, filters: Filters): string {
  const at = filters.attributes?.findIndex(({ name }) => name.toLowerCase() === attribute) ?? -1;
  return `attribute ${at}`;
}

function patternOf(name: string): string {
  return `${escaped(attributeKeywordPrefix(name))}.*`;
}

function escaped(text: string): string {
  return text.replace(/[.?+*|{}[\]()"\\#@&<>~^$-]/g, "\\$&");
}
