import type { Place, SearchRequest, Sort } from "../engine.ts";
import { defaultCurrency } from "../../query/facets/price-ranges.ts";
import type { Columns } from "./columns.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { Matches } from "./match-rows.ts";

/** A row with its place; smaller keys come first. */
export type Placed = { row: number; place: Place; score: number };

/**
 * The page of matches after a place. Matches of all terms come first, of these the products in stock, then by the sort.
 * Ties are by id, which outlives a rebuild, so the order is total and paging reaches the end without duplicates.
 */
export function sortHits(
  matches: Matches,
  whole: ReadonlySet<number> | undefined,
  scores: ReadonlyMap<number, number>,
  request: SearchRequest,
  index: Pick<EmbeddedIndex, "columns" | "rowOf">,
): { page: Placed[]; hasNextPage: boolean } {
  const { columns } = index;
  const sortKey = sortKeyOf(request.sort, request, scores, columns);
  const tierOf = (row: number) =>
    (whole === undefined || whole.has(row) ? 0 : 2) + (columns.inStock[row] === 1 ? 0 : 1);
  const { after } = request;
  const [afterTier = 0, afterKey = 0] = after ? keysNow(after, request, scores, index, tierOf) : [];
  const best = new Best(request.size + 1, columns.ids);
  const offer = (row: number) => {
    const [tier, key] = [tierOf(row), sortKey(row)];
    const isNext =
      after === undefined ||
      (tier - afterTier || key - afterKey || compareIds(columns.ids[row] ?? "", after.id)) > 0;
    if (isNext) best.offer(tier, key, row);
  };
  // Ranked rows come first in their tier, and all matches of all terms are ranked where others follow. So up to the first
  // tier that may have unranked rows, ranked ones come before all others, and mostly fill the page.
  const lastTier = whole === undefined ? 0 : 2;
  if (request.sort === "RELEVANCE") for (const row of scores.keys()) if (tierOf(row) <= lastTier) offer(row);
  if (best.kept.length <= request.size) {
    best.kept.length = 0;
    for (let at = 0; at < matches.length; at++) if (matches.failed[at] === 0) offer(matches.rows[at] ?? 0);
  }
  const page = best.kept.slice(0, request.size);
  return {
    page: page.map(([tier, key, row]) => ({
      row,
      place: { keys: [tier, key, columns.version[row] ?? 0], id: columns.ids[row] ?? "" },
      score: scores.get(row) ?? 0,
    })),
    hasNextPage: best.kept.length > request.size,
  };
}

/** The sort key of a row: its tier, the key of the sort, and the row for its id. */
type Keys = readonly [tier: number, key: number, row: number];

function sortKeyOf(
  sort: Sort,
  request: SearchRequest,
  scores: ReadonlyMap<number, number>,
  columns: Columns,
): (row: number) => number {
  const newest = (row: number) => -(columns.publishedAt[row] ?? 0);
  switch (sort) {
    case "NEWEST":
      return newest;
    case "RATING":
      return (row) => -(columns.rating[row] ?? 0);
    case "PRICE_ASC":
    case "PRICE_DESC": {
      const prices = columns.pricesIn(request.filters.currency ?? defaultCurrency);
      const sign = sort === "PRICE_ASC" ? 1 : -1;
      return (row) => (Number.isNaN(prices[row] ?? NaN) ? noPriceKey : sign * (prices[row] ?? 0));
    }
    case "RELEVANCE":
      // Unranked rows follow, the most popular first: scores are below 10, and 2^52 minus a static rank is above.
      return (row) => {
        const score = scores.get(row);
        return score === undefined ? 2 ** 52 - (columns.staticRank[row] ?? 0) : -score;
      };
  }
}

const noPriceKey = 2 ** 52;

// The page continues from the old place of the cursor's product, even if the product has moved: its new place may be far off.
// Only if the product itself is unchanged its current score is used, since all scores have shifted with it.
function keysNow(
  { keys, id }: Place,
  { query, sort }: SearchRequest,
  scores: ReadonlyMap<number, number>,
  index: Pick<EmbeddedIndex, "columns" | "rowOf">,
  tierOf: (row: number) => number,
): readonly number[] {
  if (sort !== "RELEVANCE" || query.trim() === "") return keys;
  const row = index.rowOf(id);
  const score = scores.get(row);
  const isSame = score !== undefined && tierOf(row) === keys[0] && index.columns.version[row] === keys[2];
  return isSame ? [tierOf(row), -score] : keys;
}

function compareIds(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Selects the first few rows of many without sorting all, and without an object for each. */
class Best {
  readonly kept: Keys[] = [];
  private readonly size: number;
  private readonly ids: readonly string[];

  constructor(size: number, ids: readonly string[]) {
    this.size = size;
    this.ids = ids;
  }

  offer(tier: number, key: number, row: number): void {
    const last = this.kept[this.size - 1];
    if (last && this.compare(tier, key, row, last) >= 0) return;
    let [low, high] = [0, this.kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.kept[middle];
      if (there && this.compare(tier, key, row, there) > 0) low = middle + 1;
      else high = middle;
    }
    this.kept.splice(low, 0, [tier, key, row]);
    if (this.kept.length > this.size) this.kept.pop();
  }

  private compare(tier: number, key: number, row: number, other: Keys): number {
    return tier - other[0] || key - other[1] || compareIds(this.ids[row] ?? "", this.ids[other[2]] ?? "");
  }
}
