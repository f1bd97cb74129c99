import type { Facet, FacetValue, Filters } from "../engine.ts";
import {
  maxFacetValueLength,
  maxAttributes,
  maxAttributeValues,
  maxDistinctValues,
  topValues,
  maxValues,
  reservedNames,
  ratingValues,
  sampleSize,
  stockValues,
  distinctiveNames,
} from "../../query/facets/facet-values.ts";
import {
  noPriceRange,
  priceRangeStarts,
  priceValues,
  defaultCurrency,
} from "../../query/facets/price-ranges.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { attributeBit, filterBits } from "./filter-rows.ts";
import type { Matches } from "./match-rows.ts";
import type { AttributeValues } from "./attribute-values.ts";

/** Counts the matches by facet value. A facet ignores its own filter, so that its other values stay visible. */
export function countFacets(
  matches: Matches,
  candidates: readonly number[],
  filters: Filters,
  index: EmbeddedIndex,
): Facet[] {
  const rows = new FacetRows(matches);
  const facets = [categories, brands, prices, ratings, stock].map((count) => count(rows, filters, index));
  return [...facets, ...attributes(rows, candidates, filters, index)].filter(
    (facet) => facet.values.length > 0,
  );
}

function categories(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const leaves = tally(rows, filterBits.category, columns.category, columns.categories.size);
  const all = columns.categories.all();
  const counts = new Int32Array(leaves.length);
  for (let at = 1; at < leaves.length; at++) {
    const count = leaves[at] ?? 0;
    if (count > 0) for (const index of all[at - 1]?.path ?? []) counts[index] = (counts[index] ?? 0) + count;
  }
  const selected = new Set((filters.categories ?? []).map((slug) => columns.categories.find(slug)));
  const values = counted(counts, selected, (number) => {
    const { slug = "", name = "" } = all[number - 1] ?? {};
    return { value: slug, label: name };
  });
  return { name: "category", values: topValues(values, maxValues) };
}

function brands(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = tally(rows, filterBits.brand, columns.brand, columns.brands.size);
  const selected = new Set((filters.brands ?? []).map((brand) => columns.brands.find(brand.toLowerCase())));
  const values = counted(counts, selected, (number) => {
    const brand = columns.brands.at(number) ?? "";
    return { value: brand, label: brand };
  });
  return { name: "brand", values: topValues(values, maxValues) };
}

function isChoice(name: number, attributeValues: AttributeValues): boolean {
  const isShort = (valueId: number) =>
    !attributeValues.isInUse(valueId) || attributeValues.valueOf(valueId).length <= maxFacetValueLength;
  return (
    attributeValues.valuesInUse(name) <= maxDistinctValues && attributeValues.valuesOf(name).every(isShort)
  );
}

// The values with matches and the selected ones, each with its count.
function counted(
  counts: Int32Array,
  selected: ReadonlySet<number>,
  shownAs: (number: number) => { value: string; label: string },
): FacetValue[] {
  const values: FacetValue[] = [];
  for (let number = 1; number < counts.length; number++) {
    const count = counts[number] ?? 0;
    const isSelected = selected.has(number);
    if (count > 0 || isSelected) values.push({ ...shownAs(number), count, selected: isSelected });
  }
  return values;
}

function prices(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const ranges = columns.priceRangesIn(filters.currency ?? defaultCurrency);
  const counts = new Int32Array(priceRangeStarts.length);
  const counted = rows.under(filterBits.price);
  for (let at = 0; at < counted.length; at++) {
    const range = ranges[counted[at] ?? 0] ?? noPriceRange;
    if (range !== noPriceRange) add(counts, range);
  }
  return { name: "price", values: priceValues(counts, filters) };
}

function ratings(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = new Int32Array(6);
  const counted = columns.hasRatings ? rows.under(filterBits.rating) : [];
  for (let at = 0; at < counted.length; at++) {
    const stars = Math.floor(columns.rating[counted[at] ?? 0] ?? 0);
    for (let least = 1; least <= stars; least++) add(counts, least);
  }
  return { name: "rating", values: ratingValues(counts, filters) };
}

function stock(rows: FacetRows, filters: Filters, { columns }: EmbeddedIndex): Facet {
  const counts = new Int32Array(2);
  const counted = rows.under(filterBits.stock);
  for (let at = 0; at < counted.length; at++) add(counts, columns.inStock[counted[at] ?? 0] ?? 0);
  return { name: "inStock", values: stockValues(counts[1] ?? 0, counts[0] ?? 0, filters) };
}

/** The facets of attributes: those that are filtered by, and those that distinguish the best matches. */
function attributes(
  rows: FacetRows,
  candidates: readonly number[],
  filters: Filters,
  index: EmbeddedIndex,
): Facet[] {
  const { attributeValues } = index;
  const asked = (filters.attributes ?? []).map(({ name, values }, at) => ({
    name: attributeValues.findName(name),
    values: new Set(values.map((value) => value.toLowerCase())),
    bit: attributeBit(at),
  }));
  const askedNames = asked.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const sample = candidates.slice(0, sampleSize).map((row) => index.attributesOf(row));
  const distinctive = distinctiveNames(sample, (valueId) => attributeValues.nameOf(valueId))
    .filter((name) => isChoice(name, attributeValues))
    .slice(0, maxAttributes);
  const names = [...new Set([...askedNames, ...distinctive])]
    .filter((name) => !reservedNames.has(attributeValues.labelOf(name).toLowerCase()))
    .slice(0, Math.max(maxAttributes, asked.length));
  const facets = new Map<number, Facet>();
  const countUnder = (bit: number, counted: readonly number[]) => {
    if (counted.length === 0) return;
    const counts = index.attributeValueCounter.count(rows.under(bit), counted);
    for (const name of counted) {
      const own = asked.find((filter) => filter.name === name);
      facets.set(name, attributeFacet(name, own?.values, counts, attributeValues));
    }
  };
  const bitOf = (name: number) => asked.find((filter) => filter.name === name)?.bit ?? 0;
  // An attribute with a filter counts rows of its own, since it ignores its filter; all others share one count over the passing rows.
  const isFilteredBy = (name: number) => rows.isFailed(bitOf(name));
  for (const name of names.filter(isFilteredBy)) countUnder(bitOf(name), [name]);
  countUnder(
    0,
    names.filter((name) => !isFilteredBy(name)),
  );
  return names.flatMap((name) => facets.get(name) ?? []);
}

function attributeFacet(
  name: number,
  selectedValues: ReadonlySet<string> | undefined,
  counts: Int32Array,
  attributeValues: AttributeValues,
): Facet {
  const values: FacetValue[] = [];
  for (const valueId of attributeValues.valuesOf(name)) {
    const count = counts[valueId] ?? 0;
    if (count === 0 && !selectedValues) continue;
    const value = attributeValues.valueOf(valueId);
    const selected = selectedValues?.has(value.toLowerCase()) ?? false;
    if (count > 0 || selected) values.push({ value, label: value, count, selected });
  }
  return { name: attributeValues.labelOf(name), values: topValues(values, maxAttributeValues) };
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
