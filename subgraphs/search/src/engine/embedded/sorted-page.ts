import { defaultCurrency } from "../../query/facets/price-ranges.ts";
import { compareIds, noPriceKey, staticKeyOf, type SortedPage } from "../search-index.ts";
import type { Columns } from "./columns.ts";
import type { Matches } from "./match-rows.ts";
import { TopRows } from "./top-rows.ts";

/** The first passing rows of a sorted page. */
export function sortedRows(
  { rows, failed, length }: Matches,
  { sort, currency, isInStock, after, size }: SortedPage,
  exclude: ReadonlySet<number> | undefined,
  columns: Columns,
): { row: number; key: number }[] {
  const wanted = isInStock ? 1 : 0;
  const keyOf = sortKeyOf(sort, currency, columns);
  const idOf = (row: number) => columns.ids[row] ?? "";
  const top = new TopRows(size, (row, other) => compareIds(idOf(row), idOf(other)));
  for (let at = 0; at < length; at++) {
    const row = rows[at] ?? 0;
    if (failed[at] !== 0 || columns.inStock[row] !== wanted) continue;
    if (exclude?.has(row)) continue;
    const key = keyOf(row);
    if (after && (key - after.key || compareIds(idOf(row), after.id)) <= 0) continue;
    top.offer(row, -key);
  }
  return top.best().map((row) => ({ row, key: keyOf(row) }));
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
