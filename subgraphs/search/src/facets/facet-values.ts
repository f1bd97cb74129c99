import type { FacetValue, Filters } from "../engine.ts";

/** The most values that a facet shows. */
export const maxValues = 50;
/** The most attributes that become facets, and values of one. */
export const maxAttributes = 6;
export const maxAttributeValues = 20;
/** An attribute with more values than this over all products is a measurement, not a choice. */
export const maxDistinctValues = 200;
/** An attribute with a longer value is free text, not a choice. */
export const maxFacetValueLength = 60;
/** An attribute that is called so would be a second facet of this name. */
export const reservedNames: ReadonlySet<string> = new Set([
  "category",
  "brand",
  "price",
  "rating",
  "instock",
]);
/** How many of the best matches say which attributes tell them apart. */
export const sampleSize = 30;

/** Values that have matches or are selected, the most frequent first: so many, and all that are selected. */
export function topValues(values: readonly FacetValue[], limit: number): FacetValue[] {
  return values
    .filter(({ count, selected }) => count > 0 || selected)
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    .filter(({ selected }, at) => at < limit || selected);
}

/** The facet of stock, from the numbers of what is and isn't there. */
export function stockValues(inStock: number, outOfStock: number, filters: Filters): FacetValue[] {
  return [
    { value: "true", label: "In stock", count: inStock, selected: filters.inStock === true },
    { value: "false", label: "Out of stock", count: outOfStock, selected: filters.inStock === false },
  ].filter(({ count }) => count > 0);
}

/** The facet of ratings: `counts[n]` have n stars or more. */
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

/** The names of attributes that most of a sample have, and whose values tell its products apart; most frequent first. */
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
