import { defaultCurrency, noPriceRange, priceRangeStarts } from "../../query/facets/price-ranges.ts";
import type { Filters } from "../engine.ts";
import type { CountedValue, FacetCounts } from "../search-index.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { attributeBit, filterBits } from "./filter-rows.ts";
import type { Matches } from "./match-rows.ts";

/** Counts the matches by facet value. A facet ignores its own filter, so that its other values stay visible. */
export function countFacets(
  matches: Matches,
  filters: Filters,
  attributes: readonly string[],
  index: EmbeddedIndex,
): FacetCounts {
  const rows = new FacetRows(matches);
  const inStock = stockCounts(rows, index);
  return {
    categories: categoryCounts(rows, filters, index),
    brands: brandCounts(rows, filters, index),
    prices: priceCounts(rows, filters, index),
    ratings: ratingCounts(rows, index),
    inStock: inStock[1] ?? 0,
    outOfStock: inStock[0] ?? 0,
    attributes: attributeCounts(rows, filters, attributes, index),
  };
}

function categoryCounts(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): CountedValue[] {
  const leaves = tally(rows, filterBits.category, columns.category, columns.categories.size);
  const all = columns.categories.all();
  const counts = new Int32Array(leaves.length);
  for (let at = 1; at < leaves.length; at++) {
    const count = leaves[at] ?? 0;
    if (count > 0) for (const index of all[at - 1]?.path ?? []) counts[index] = (counts[index] ?? 0) + count;
  }
  const selected = new Set((filters.categories ?? []).map((slug) => columns.categories.find(slug)));
  return counted(counts, selected, (number) => {
    const { slug = "", name = "" } = all[number - 1] ?? {};
    return { value: slug, label: name };
  });
}

function brandCounts(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): CountedValue[] {
  const counts = tally(rows, filterBits.brand, columns.brand, columns.brands.size);
  const selected = new Set((filters.brands ?? []).map((brand) => columns.brands.find(brand.toLowerCase())));
  return counted(counts, selected, (number) => {
    const brand = columns.brands.at(number) ?? "";
    return { value: brand, label: brand };
  });
}

// The values with matches and the selected ones, each with its count.
function counted(
  counts: Int32Array,
  selected: ReadonlySet<number>,
  shownAs: (number: number) => { value: string; label: string },
): CountedValue[] {
  const values: CountedValue[] = [];
  for (let number = 1; number < counts.length; number++) {
    const count = counts[number] ?? 0;
    if (count > 0 || selected.has(number)) values.push({ ...shownAs(number), count });
  }
  return values;
}

function priceCounts(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): Int32Array {
  const ranges = columns.priceRangesIn(filters.currency ?? defaultCurrency);
  const counts = new Int32Array(priceRangeStarts.length);
  const under = rows.under(filterBits.price);
  for (let at = 0; at < under.length; at++) {
    const range = ranges[under[at] ?? 0] ?? noPriceRange;
    if (range !== noPriceRange) add(counts, range);
  }
  return counts;
}

function ratingCounts(rows: FacetRows, { columns }: EmbeddedIndex): Int32Array {
  const counts = new Int32Array(6);
  const under = columns.hasRatings ? rows.under(filterBits.rating) : [];
  for (let at = 0; at < under.length; at++) {
    const stars = Math.floor(columns.rating[under[at] ?? 0] ?? 0);
    for (let least = 1; least <= stars; least++) add(counts, least);
  }
  return counts;
}

function stockCounts(rows: FacetRows, { columns }: EmbeddedIndex): Int32Array {
  const counts = new Int32Array(2);
  const under = rows.under(filterBits.stock);
  for (let at = 0; at < under.length; at++) add(counts, columns.inStock[under[at] ?? 0] ?? 0);
  return counts;
}

function attributeCounts(
  rows: FacetRows,
  filters: Filters,
  attributes: readonly string[],
  { attributeValues, attributeValueCounter }: EmbeddedIndex,
): FacetCounts["attributes"] {
  const known = attributes.flatMap((name) => {
    const number = attributeValues.findName(name);
    const filter = filters.attributes?.findIndex((one) => one.name.toLowerCase() === name) ?? -1;
    return number === undefined ? [] : [{ name, number, filter }];
  });
  type Known = (typeof known)[number];
  const counts = new Map<string, CountedValue[]>();
  const countUnder = (bit: number, some: readonly Known[]) => {
    if (some.length === 0) return;
    const numbers = some.map(({ number }) => number);
    const counted = attributeValueCounter.count(rows.under(bit), numbers);
    for (const { name, number, filter } of some) {
      const selected = filters.attributes?.[filter]?.values ?? [];
      counts.set(name, attributeValues.counted(number, counted, selected));
    }
  };
  // An attribute with a filter counts rows of its own, since it ignores its filter; all others share one count.
  const isFilteredBy = ({ filter }: Known) => filter >= 0 && rows.isFailed(attributeBit(filter));
  for (const one of known.filter(isFilteredBy)) countUnder(attributeBit(one.filter), [one]);
  countUnder(
    0,
    known.filter((one) => !isFilteredBy(one)),
  );
  return known.map(({ name, number }) => {
    return { name, label: attributeValues.labelOf(number), values: counts.get(name) ?? [] };
  });
}

function tally(rows: FacetRows, own: number, column: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size + 1);
  const counted = rows.under(own);
  for (let at = 0; at < counted.length; at++) add(counts, column[counted[at] ?? 0] ?? 0);
  return counts;
}

function add(counts: Int32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

/** The rows that a facet counts: those that pass all other filters. Facets without a filter, which are most, share one list. */
class FacetRows {
  private readonly matches: Matches;
  private readonly passing: Int32Array;

  constructor(matches: Matches) {
    this.matches = matches;
    this.passing = matches.failing === 0 ? matches.rows : this.failingOnly(0);
  }

  /** Whether any match fails this filter. */
  isFailed(bit: number): boolean {
    return (this.matches.failing & bit) !== 0;
  }

  /** The array is valid until the next call. */
  under(own: number): Int32Array {
    return this.isFailed(own) ? this.failingOnly(own) : this.passing;
  }

  private failingOnly(own: number): Int32Array {
    const { rows, failed, length } = this.matches;
    const list = listFor(own === 0 ? "passing" : "under", length);
    let count = 0;
    for (let at = 0; at < length; at++) {
      if (((failed[at] ?? 0) & ~own) === 0) list[count++] = rows[at] ?? 0;
    }
    return list.subarray(0, count);
  }
}

// Reused by all queries: the garbage collection of new large arrays would stop all searches.
const lists = { passing: new Int32Array(), under: new Int32Array() };

function listFor(use: keyof typeof lists, length: number): Int32Array {
  if (lists[use].length < length) lists[use] = new Int32Array(2 * length);
  return lists[use];
}
