import type { FacetValue, Filters } from "../../engine/engine.ts";

/** Maximum of values of the category and brand facets. */
export const maxValues = 50;
/** Maximum of attributes that become facets, and of values of one. */
export const maxAttributes = 6;
export const maxAttributeValues = 20;
/** An attribute with more distinct values is a measurement, not a choice. */
export const maxDistinctValues = 200;
/** An attribute with a longer value is free text, not a choice. */
export const maxFacetValueLength = 60;
/** Facets that are no attributes: an attribute of such a name gets no facet. */
export const reservedNames: ReadonlySet<string> = new Set([
  "category",
  "brand",
  "price",
  "rating",
  "instock",
]);
/** How many of the best matches are sampled for the attributes that become facets. */
export const sampleSize = 30;

/** The `limit` most frequent values with matches, and all selected ones, the most frequent first. */
export function topValues(values: readonly FacetValue[], limit: number): FacetValue[] {
  return values
    .filter(({ count, selected }) => count > 0 || selected)
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    .filter(({ selected }, at) => at < limit || selected);
}

/** The values of the stock facet. */
export function stockValues(inStock: number, outOfStock: number, filters: Filters): FacetValue[] {
  return [
    { value: "true", label: "In stock", count: inStock, selected: filters.inStock === true },
    { value: "false", label: "Out of stock", count: outOfStock, selected: filters.inStock === false },
  ].filter(({ count }) => count > 0);
}

/** The values of the rating facet; `counts[n]` products have n stars or more. */
export function ratingValues(counts: ArrayLike<number>, filters: Filters): FacetValue[] {
  return [4, 3, 2, 1]
    .map((least) => ({
      value: String(least),
      label: `${least}+`,
      count: counts[least] ?? 0,
      selected: filters.ratingMin === least,
    }))
    .filter(({ count }) => count > 0);
}

/** The names of attributes whose values distinguish the products of a sample, the most frequent first. */
export function distinctiveNames<AttributeValue, Name>(
  sample: Iterable<Iterable<AttributeValue>>,
  nameOf: (attributeValue: AttributeValue) => Name,
): Name[] {
  const seen = new Map<Name, { products: number; values: Set<AttributeValue> }>();
  for (const attributeValues of sample) {
    for (const attributeValue of attributeValues) {
      const name = nameOf(attributeValue);
      const entry = seen.get(name);
      if (!entry) seen.set(name, { products: 1, values: new Set([attributeValue]) });
      else {
        entry.products++;
        entry.values.add(attributeValue);
      }
    }
  }
  return [...seen]
    .filter(([, { products, values }]) => values.size > 1 && values.size * 2 <= products + 2)
    .sort(([, one], [, other]) => other.products - one.products)
    .map(([name]) => name);
}
