import type { Facet, FacetValue, Filters } from "../engine.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { attributeBit, filterBits } from "./filter-rows.ts";
import type { Matches } from "./match-rows.ts";

const mostValues = 50;
const mostAttributes = 6;
const mostAttributeValues = 20;
const sampleSize = 30;

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

// Ranges of one, two and five times a power of ten, in minor units: round in every currency.
const priceSteps = [
  0,
  ...Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((by) => by * 10 ** (power + 2))).flat(),
];

function prices(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const prices = columns.pricesIn(filters.currency ?? columns.ownCurrency);
  const counts = new Int32Array(priceSteps.length);
  forEachMatch(matches, filterBits.price, (row) => {
    const price = prices[row] ?? NaN;
    if (price >= 0) add(counts, stepOf(price));
  });
  const { priceMin, priceMax } = filters;
  const values = priceSteps.map((from, at) => {
    const below = priceSteps[at + 1];
    const label = below === undefined ? `${from / 100}+` : `${from / 100}-${below / 100}`;
    const selected =
      priceMin !== undefined && priceMin <= from && (priceMax ?? Infinity) >= (below ?? Infinity) - 1;
    return { value: label, label, count: counts[at] ?? 0, selected };
  });
  return { name: "price", values: values.filter(({ count }) => count > 0) };
}

function stepOf(price: number): number {
  let step = priceSteps.length - 1;
  while (step > 0 && (priceSteps[step] ?? 0) > price) step--;
  return step;
}

function ratings(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = new Int32Array(6);
  forEachMatch(matches, filterBits.rating, (row) => {
    const stars = Math.floor(columns.rating[row] ?? 0);
    for (let least = 1; least <= stars; least++) add(counts, least);
  });
  const values = [4, 3, 2, 1].map((least) => ({
    value: String(least),
    label: `${least}+`,
    count: counts[least] ?? 0,
    selected: filters.ratingMin === least,
  }));
  return { name: "rating", values: values.filter(({ count }) => count > 0) };
}

function stock(matches: Matches, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = new Int32Array(2);
  forEachMatch(matches, filterBits.stock, (row) => add(counts, columns.inStock[row] ?? 0));
  const values = [true, false].map((inStock) => ({
    value: String(inStock),
    label: inStock ? "In stock" : "Out of stock",
    count: counts[inStock ? 1 : 0] ?? 0,
    selected: filters.inStock === inStock,
  }));
  return { name: "inStock", values: values.filter(({ count }) => count > 0) };
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
  const names = new Set([...askedNames, ...tellingNames(candidates, index)]);
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

function tellingNames(candidates: readonly number[], index: EmbeddedIndex): number[] {
  const seen = new Map<number, { rows: number; values: Set<number> }>();
  for (const row of candidates.slice(0, sampleSize)) {
    for (const trait of index.traitsOf(row)) {
      const name = index.traits.nameOf(trait);
      const entry = seen.get(name);
      if (!entry) seen.set(name, { rows: 1, values: new Set([trait]) });
      else {
        entry.rows++;
        entry.values.add(trait);
      }
    }
  }
  const tells = (name: number, rows: number, different: number) =>
    different > 1 && different * 2 <= rows + 2 && index.traits.valuesOf(name).length <= mostDistinctValues;
  return [...seen]
    .filter(([name, { rows, values }]) => tells(name, rows, values.size))
    .sort(([, one], [, other]) => other.rows - one.rows)
    .map(([name]) => name)
    .slice(0, mostAttributes);
}

const mostDistinctValues = 200;

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

function mostFrequent(values: FacetValue[], limit: number): FacetValue[] {
  return values
    .filter(({ count, selected }) => count > 0 || selected)
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
    .slice(0, limit);
}
