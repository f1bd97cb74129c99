import { fold } from "../analysis/fold.ts";
import { queryWordsOf } from "../analysis/query-words.ts";
import type { Suggestions } from "../engine.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { Searcher } from "./search-index.ts";

// A query is offered to others only once it has been asked as often, so that nobody's slip is shown to all.
const timesAsked = 3;
const looked = 100;

/** What a prefix may become: queries that others asked and that found something, else words; products; categories. */
export function suggest({ index, spoken }: Searcher, prefix: string, size: number): Suggestions {
  const words = queryWordsOf(prefix, spoken);
  const last = words.at(-1);
  if (!last) return { queries: [], productIds: [], categoryIds: [] };
  const before = words.slice(0, -1).map(({ stems }) => `(${stems.map((stem) => `"${stem}"`).join(" OR ")})`);
  const starts = [...new Set([last.written, ...last.stems])].map((start) => `"${start}"*`).join(" OR ");
  const expression = `{title brand type} : (${[...before, `(${starts})`].join(" AND ")})`;
  const found = index
    .prepare(`SELECT rowid AS row FROM text WHERE text MATCH ? LIMIT ${looked}`)
    .all(expression)
    .map(({ row }) => Number(row));
  const inStockFirst = found.sort(
    (one, other) => (index.columns.inStock[other] ?? 0) - (index.columns.inStock[one] ?? 0) || one - other,
  );
  return {
    queries: queriesLike(index, fold(prefix).trim(), last.written, size),
    productIds: inStockFirst.slice(0, size).map((row) => index.columns.ids[row] ?? ""),
    categoryIds: categoriesLike(index, last.written, size),
  };
}

function queriesLike(index: EmbeddedIndex, prefix: string, last: string, size: number): string[] {
  const asked = index
    .prepare(
      "SELECT query FROM asked WHERE query >= ? AND query < ? AND times >= ? ORDER BY times DESC LIMIT ?",
    )
    .all(prefix, `${prefix}\u{10ffff}`, timesAsked, size)
    .map(({ query }) => String(query));
  const start = prefix.slice(0, prefix.length - last.length);
  const completed = index.lexicon.wordsLike(last, size).map((word) => start + word);
  return [...new Set([...asked, ...completed])].slice(0, size);
}

function categoriesLike({ columns }: EmbeddedIndex, last: string, size: number): string[] {
  return columns.categories
    .all()
    .filter(({ name }) =>
      fold(name)
        .split(/\s+/)
        .some((word) => word.startsWith(last)),
    )
    .slice(0, size)
    .map(({ id }) => id);
}
