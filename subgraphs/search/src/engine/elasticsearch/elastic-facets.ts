import type { estypes } from "@elastic/elasticsearch";
import type { Category, Facet, Filters } from "../engine.ts";
import {
  maxFacetValueLength,
  maxAttributes,
  maxAttributeValues,
  maxDistinctValues,
  topValues,
  maxValues,
  reservedNames,
  ratingValues,
  stockValues,
  distinctiveNames,
} from "../../query/facets/facet-values.ts";
import { priceRangeStarts, priceValues } from "../../query/facets/price-ranges.ts";
import { foldedPrefix, readAttributeKeyword, attributeKeywordPrefix } from "./elastic-document.ts";
import { allBut } from "./elastic-query.ts";

type Aggregations = Record<string, estypes.AggregationsAggregationContainer>;
type FilterQueries = ReadonlyMap<string, estypes.QueryDslQueryContainer>;

/** The names of attributes that become facets: those that are filtered by, then those that distinguish the best matches. */
export function facetAttributes(sample: readonly string[][], filters: Filters): string[] {
  const asked = (filters.attributes ?? []).map(({ name }) => name.toLowerCase());
  const compared = sample.map((keywords) => keywords.map(foldedPrefix));
  const distinctive = distinctiveNames(compared, (keyword) => readAttributeKeyword(keyword).key).slice(
    0,
    maxAttributes,
  );
  return [...new Set([...asked, ...distinctive])]
    .filter(
      (name) => !reservedNames.has(name) && escaped(attributeKeywordPrefix(name)).length <= maxPatternLength,
    )
    .slice(0, Math.max(maxAttributes, asked.length));
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
    const include = `${escaped(attributeKeywordPrefix(name))}.*`;
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

/** Converts the counts to facets. */
export function readFacets(
  counted: Record<string, unknown>,
  attributes: readonly string[],
  filters: Filters,
  categories: ReadonlyMap<string, Category>,
): Facet[] {
  const groups = Object.values(counted) as Record<string, { buckets?: Bucket[] }>[];
  const bucketsOf = (name: string) => groups.find((group) => name in group)?.[name]?.buckets ?? [];
  const countOf = (name: string, key: string) =>
    bucketsOf(name).find((bucket) => (bucket.key_as_string ?? String(bucket.key)) === key)?.doc_count ?? 0;
  const values = (
    name: string,
    isSelected: (value: string) => boolean,
    labelOf = (value: string) => value,
  ) => {
    const frequent = bucketsOf(name);
    const known = new Set(frequent.map(({ key }) => String(key).toLowerCase()));
    const others = bucketsOf(selected(name)).filter(({ key }) => !known.has(String(key).toLowerCase()));
    return [...frequent, ...others].map(({ key, doc_count: count }) => {
      const value = String(key);
      return { value, label: labelOf(value), count, selected: isSelected(value) };
    });
  };
  const brands = new Set(lowercased(filters.brands ?? []));
  const named: Facet[] = [
    {
      name: "category",
      values: values(
        "category",
        (slug) => filters.categories?.includes(slug) ?? false,
        (slug) => categories.get(slug)?.name ?? slug,
      ),
    },
    {
      name: "brand",
      values: ofAnySpelling(values("brand", (brand) => brands.has(brand.toLowerCase()))),
    },
    {
      name: "price",
      values: priceValues(
        priceRangeStarts.map((_, at) => countOf("price", String(at))),
        filters,
      ),
    },
    {
      name: "rating",
      values: ratingValues(
        [0, 1, 2, 3, 4].map((least) => countOf("rating", String(least))),
        filters,
      ),
    },
    {
      name: "inStock",
      values: stockValues(countOf("inStock", "true"), countOf("inStock", "false"), filters),
    },
  ];
  const ofAttributes = attributes.flatMap((key, at): Facet[] => {
    const buckets = bucketsOf(aggregationName(at));
    const asked = filters.attributes?.find(({ name }) => name.toLowerCase() === key);
    if (!asked && buckets.length > maxDistinctValues) return [];
    const wanted = new Set(lowercased(asked?.values ?? []));
    const read = buckets.map((bucket) => ({
      ...readAttributeKeyword(String(bucket.key)),
      count: bucket.doc_count,
    }));
    if (!asked && read.some(({ value }) => value.length > maxFacetValueLength)) return [];
    const shown = read.map(({ value, count }) => ({
      value,
      label: value,
      count,
      selected: wanted.has(value.toLowerCase()),
    }));
    return [{ name: read[0]?.name ?? key, values: topValues(ofAnySpelling(shown), maxAttributeValues) }];
  });
  return [
    ...named.map(({ name, values: some }) => ({ name, values: limited(name, some) })),
    ...ofAttributes,
  ].filter((facet) => facet.values.length > 0);
}

// Spellings of a value are one value, shown in the most frequent spelling.
function ofAnySpelling(values: Facet["values"]): Facet["values"] {
  return [...Map.groupBy(values, ({ value }) => value.toLowerCase()).values()].flatMap((spellings) => {
    const [first] = topValues(spellings, 1);
    return first ? [{ ...first, count: spellings.reduce((sum, { count }) => sum + count, 0) }] : [];
  });
}

function lowercased(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase());
}

// Ranges keep their order; categories and brands are sorted by frequency.
function limited(name: string, values: Facet["values"]): Facet["values"] {
  return name === "category" || name === "brand" ? topValues(values, maxValues) : values;
}

// By number, since attribute names may have characters that aggregation names may not.
function aggregationName(at: number): string {
  return `attribute ${at}`;
}

function filterName(attribute: string, filters: Filters): string {
  const at = filters.attributes?.findIndex(({ name }) => name.toLowerCase() === attribute) ?? -1;
  return `attribute ${at}`;
}

function escaped(text: string): string {
  return text.replace(/[.?+*|{}[\]()"\\#@&<>~^$-]/g, "\\$&");
}
