import type { Facet, Filters } from "../engine.ts";
import {
  mostAttributes,
  mostAttributeValues,
  mostDistinctValues,
  mostFrequent,
  mostValues,
  ratingValues,
  sampleSize,
  stockValues,
  tellingNames,
} from "../facets/facet-values.ts";
import { priceSteps, priceValues, stepOf } from "../facets/price-steps.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { attributeBit, filterBits } from "./filter-rows.ts";
import type { Matches } from "./match-rows.ts";

/** Counts the matches by value. A facet leaves its own filter out, so that its other values stay in view. */
export function countFacets(
  matches: Matches,
  candidates: readonly number[],
  filters: Filters,
  index: EmbeddedIndex,
): Facet[] {
  const facets = [categories, brands, prices, ratings, stock].map((count) => count(matches, filters, index));
  return [...facets, ...attributes(matches, candidates, filters, index)].filter(
    (facet) => facet.values.length > 0,
  );
}

function categories(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const leaves = tally(matches, filterBits.category, columns.category, columns.categories.size);
  const counts = new Int32Array(leaves.length);
  columns.categories.all().forEach(({ path }, at) => {
    const count = leaves[at + 1] ?? 0;
    if (count > 0) for (const index of path) counts[index] = (counts[index] ?? 0) + count;
  });
  const selected = new Set(filters.categories ?? []);
  const values = columns.categories.all().map(({ slug, name }, at) => ({
    value: slug,
    label: name,
    count: counts[at + 1] ?? 0,
    selected: selected.has(slug),
  }));
  return { name: "category", values: mostFrequent(values, mostValues) };
}

function brands(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = tally(matches, filterBits.brand, columns.brand, columns.brands.size);
  const selected = new Set((filters.brands ?? []).map((brand) => brand.toLowerCase()));
  const values = columns.brands.all().map((brand, at) => ({
    value: brand,
    label: brand,
    count: counts[at + 1] ?? 0,
    selected: selected.has(brand.toLowerCase()),
  }));
  return { name: "brand", values: mostFrequent(values, mostValues) };
}

function prices(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const prices = columns.pricesIn(filters.currency ?? columns.ownCurrency);
  const counts = new Int32Array(priceSteps.length);
  forEachMatch(matches, filterBits.price, (row) => {
    const price = prices[row] ?? NaN;
    if (price >= 0) add(counts, stepOf(price));
  });
  return { name: "price", values: priceValues(counts, filters) };
}

function ratings(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = new Int32Array(6);
  forEachMatch(matches, filterBits.rating, (row) => {
    const stars = Math.floor(columns.rating[row] ?? 0);
    for (let least = 1; least <= stars; least++) add(counts, least);
  });
  return { name: "rating", values: ratingValues(counts, filters) };
}

function stock(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = new Int32Array(2);
  forEachMatch(matches, filterBits.stock, (row) => add(counts, columns.inStock[row] ?? 0));
  return { name: "inStock", values: stockValues(counts[1] ?? 0, counts[0] ?? 0, filters) };
}

/** The attributes that most of the best matches have and that tell them apart, and those filtered by. */
function attributes(
  matches: Matches,
  candidates: readonly number[],
  filters: Filters,
  index: EmbeddedIndex,
): Facet[] {
  const { traits } = index;
  const asked = (filters.attributes ?? []).map(({ name, values }, at) => ({
    name: traits.findName(name),
    values: new Set(values.map((value) => value.toLowerCase())),
    bit: attributeBit(at),
  }));
  const askedNames = asked.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const sample = candidates.slice(0, sampleSize).map((row) => index.traitsOf(row));
  const telling = tellingNames(sample, (trait) => traits.nameOf(trait))
    .filter((name) => traits.valuesOf(name).length <= mostDistinctValues)
    .slice(0, mostAttributes);
  const names = new Set([...askedNames, ...telling]);
  const isCounted = new Uint8Array(index.columns.rows + 1);
  let countedWithout = -1;
  return [...names].slice(0, Math.max(mostAttributes, asked.length)).map((name) => {
    const own = asked.find((filter) => filter.name === name);
    const bit = own?.bit ?? 0;
    if (bit !== countedWithout) {
      isCounted.fill(0);
      forEachMatch(matches, bit, (row) => (isCounted[row] = 1));
      countedWithout = bit;
    }
    const values = traits.valuesOf(name).map((trait) => {
      const value = traits.valueOf(trait);
      const selected = own?.values.has(value.toLowerCase()) ?? false;
      return { value, label: value, count: traits.count(trait, isCounted), selected };
    });
    return { name: traits.labelOf(name), values: mostFrequent(values, mostAttributeValues) };
  });
}

function tally(matches: Matches, own: number, column: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size + 1);
  forEachMatch(matches, own, (row) => add(counts, column[row] ?? 0));
  return counts;
}

function add(counts: Int32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

function forEachMatch({ rows, failed, length }: Matches, own: number, visit: (row: number) => void): void {
  for (let at = 0; at < length; at++) {
    if (((failed[at] ?? 0) & ~own) === 0) visit(rows[at] ?? 0);
  }
}
