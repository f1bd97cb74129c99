import { compareIds } from "../../query/page.ts";
import { defaultCurrency } from "../../query/facets/price-ranges.ts";
import { noPriceKey, staticKeyOf, type SortedPage } from "../search-index.ts";
import type { Columns } from "./columns.ts";
import type { Matches } from "./match-rows.ts";

/** A row with its sort key. */
type Keyed = readonly [key: number, row: number];

/** The first passing rows of a sorted page. */
export function sortedRows(
  { rows, failed, length }: Matches,
  { sort, currency, isInStock, after, size }: SortedPage,
  only: ReadonlySet<number> | undefined,
  exclude: ReadonlySet<number> | undefined,
  columns: Columns,
): Keyed[] {
  const wanted = isInStock ? 1 : 0;
  const keyOf = sortKeyOf(sort, currency, columns);
  const best = new Best(size, columns.ids);
  for (let at = 0; at < length; at++) {
    const row = rows[at] ?? 0;
    if (failed[at] !== 0 || columns.inStock[row] !== wanted) continue;
    if (exclude?.has(row) || only?.has(row) === false) continue;
    const key = keyOf(row);
    if (after && (key - after.key || compareIds(columns.ids[row] ?? "", after.id)) <= 0) continue;
    best.offer(key, row);
  }
  return best.kept;
}

function sortKeyOf(
  sort: SortedPage["sort"],
  currency: string | undefined,
  columns: Columns,
): (row: number) => number {
  switch (sort) {
    case "NEWEST":
      return (row) => -(columns.publishedAt[row] ?? 0);
    case "RATING":
      return (row) => -(columns.rating[row] ?? 0);
    case "PRICE_ASC":
    case "PRICE_DESC": {
      const prices = columns.pricesIn(currency ?? defaultCurrency);
      const sign = sort === "PRICE_ASC" ? 1 : -1;
      return (row) => (Number.isNaN(prices[row] ?? NaN) ? noPriceKey : sign * (prices[row] ?? 0));
    }
    case "RELEVANCE":
      return (row) => staticKeyOf(columns.staticRank[row] ?? 0);
  }
}

/** Selects the first few rows of many without sorting all, and without an object for each. */
class Best {
  readonly kept: Keyed[] = [];
  private readonly size: number;
  private readonly ids: readonly string[];

  constructor(size: number, ids: readonly string[]) {
    this.size = size;
    this.ids = ids;
  }

  offer(key: number, row: number): void {
    const last = this.kept[this.size - 1];
    if (last && this.compare(key, row, last) >= 0) return;
    let [low, high] = [0, this.kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.kept[middle];
      if (there && this.compare(key, row, there) > 0) low = middle + 1;
      else high = middle;
    }
    this.kept.splice(low, 0, [key, row]);
    if (this.kept.length > this.size) this.kept.pop();
  }

  private compare(key: number, row: number, other: Keyed): number {
    return key - other[0] || compareIds(this.ids[row] ?? "", this.ids[other[1]] ?? "");
  }
}
