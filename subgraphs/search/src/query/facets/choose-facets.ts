import type { Facet, FacetValue, Filters } from "../../engine/engine.ts";
import type {
  CountedValue,
  FacetCounts,
  Match,
  RankedDocument,
  SearchIndex,
} from "../../engine/search-index.ts";
import {
  distinctiveNames,
  maxAttributes,
  maxAttributeValues,
  maxDistinctValues,
  maxFacetValueLength,
  maxValues,
  ratingValues,
  reservedNames,
  sampleSize,
  stockValues,
  topValues,
} from "./facet-values.ts";
import { priceValues } from "./price-ranges.ts";

/** The facets of a match: the shop's own, then attributes that are filtered by or distinguish the best matches. */
export async function chooseFacets<M extends Match>(
  index: SearchIndex<M>,
  match: M,
  documents: readonly RankedDocument[],
  filters: Filters,
): Promise<Facet[]> {
  const attributes = attributesOf(index, documents.slice(0, sampleSize), filters);
  return readFacets(await index.countFacets(match, filters, attributes), filters);
}

function attributesOf(index: SearchIndex, sample: readonly RankedDocument[], filters: Filters): string[] {
  const asked = (filters.attributes ?? []).map(({ name }) => name.toLowerCase());
  const distinctive = distinctiveNames(
    sample.map(({ attributes }) => attributes),
    (attribute) => index.attributeName(attribute),
  )
    .filter((name) => index.isChoice(name))
    .slice(0, maxAttributes);
  return [...new Set([...asked, ...distinctive])]
    .filter((name) => !reservedNames.has(name))
    .slice(0, Math.max(maxAttributes, asked.length));
}

function readFacets(counts: FacetCounts, filters: Filters): Facet[] {
  const categories = new Set(filters.categories);
  const brands = new Set(filters.brands?.map((brand) => brand.toLowerCase()));
  return [
    {
      name: "category",
      values: topValues(
        withSelected(counts.categories, (slug) => categories.has(slug)),
        maxValues,
      ),
    },
    {
      name: "brand",
      values: topValues(
        withSelected(counts.brands, (brand) => brands.has(brand.toLowerCase())),
        maxValues,
      ),
    },
    { name: "price", values: priceValues(counts.prices, filters) },
    { name: "rating", values: ratingValues(counts.ratings, filters) },
    { name: "inStock", values: stockValues(counts.inStock, counts.outOfStock, filters) },
    ...counts.attributes.flatMap((counted) => attributeFacet(counted, filters)),
  ].filter(({ values }) => values.length > 0);
}

function attributeFacet(
  { name, label, values }: FacetCounts["attributes"][number],
  filters: Filters,
): Facet[] {
  const asked = filters.attributes?.find((filter) => filter.name.toLowerCase() === name);
  const isChoice =
    values.length <= maxDistinctValues && values.every(({ value }) => value.length <= maxFacetValueLength);
  if (!asked && !isChoice) return [];
  const selected = new Set(asked?.values.map((value) => value.toLowerCase()));
  const shown = withSelected(values, (value) => selected.has(value.toLowerCase()));
  return [{ name: label, values: topValues(shown, maxAttributeValues) }];
}

function withSelected(values: readonly CountedValue[], isSelected: (value: string) => boolean): FacetValue[] {
  return values.map((value) => ({ ...value, selected: isSelected(value.value) }));
}
