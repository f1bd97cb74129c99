import { fold } from "../analysis/fold.ts";
import { queryWordsOf } from "../analysis/query-words.ts";
import type { Suggestions } from "../engine.ts";
import { continued, isNamedLike } from "../suggestions.ts";
import type { ActivityFile } from "./activity-file.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { nameFlag, placeOf } from "./postings.ts";
import type { Searcher } from "./search-index.ts";
import { TopRows } from "./top-rows.ts";

const mostCompletions = 20;
/** Above this, only the oldest products that are named so are weighed. */
const mostWeighed = 100_000;
const mostLookedAt = 1_000;

/** What a prefix may become: queries that others asked and that found something, else words; products; categories. */
export function suggest(
  { index, spoken }: Searcher,
  activity: ActivityFile,
  prefix: string,
  size: number,
): Suggestions {
  const words = queryWordsOf(prefix, spoken);
  const last = words.at(-1);
  if (!last) return { queries: [], productIds: [], categoryIds: [] };
  const text = fold(prefix).trim();
  const before = words.slice(0, -1).map(({ stems }) => stems);
  const completed = index.lexicon.wordsLike(last.written, Math.max(size, mostCompletions));
  const completions = completed
    .filter(({ term }) => areNamedTogether(index, [...before, [term]]))
    .map(({ written }) => written);
  const queries = [...activity.queriesLike(text, size), ...continued(prefix, last.written, completions)];
  const terms = [...new Set([last.written, ...last.stems, ...completed.map(({ term }) => term)])];
  return {
    queries: [...new Set(queries)].slice(0, size),
    productIds: productsNamed(index, before, terms, size),
    categoryIds: categoriesLike(index, last.written, size),
  };
}

/** Products whose title, brand or type has all words and one of the last ones: what can be bought first, then the most popular. */
function productsNamed(
  index: EmbeddedIndex,
  before: readonly (readonly string[])[],
  last: readonly string[],
  size: number,
): string[] {
  const { columns, lexicon, postings } = index;
  const others = before.map((stems) => stems.map((stem) => postings.of(lexicon.idOf(stem))));
  const hasOthers = (row: number) => others.every((lists) => lists.some((list) => isNamed(list, row)));
  const top = new TopRows(size);
  let weighed = 0;
  for (const term of last) {
    const entries = postings.of(lexicon.idOf(term));
    for (let at = 0; at < entries.length && weighed < mostWeighed; at++) {
      const entry = entries[at] ?? 0;
      if ((entry & nameFlag) === 0) continue;
      weighed++;
      const row = entry >>> 8;
      const standing = (columns.standing[row] ?? 0) + (columns.inStock[row] === 1 ? inStockFirst : 0);
      if (top.takes(standing) && !top.has(row) && hasOthers(row)) top.offer(row, standing);
    }
  }
  return top.best().map((row) => columns.ids[row] ?? "");
}

/** Whether a product's title, brand or type has a stem of each word; of the rarest word's products only some are looked at. */
function areNamedTogether(
  { lexicon, postings }: EmbeddedIndex,
  words: readonly (readonly string[])[],
): boolean {
  if (words.length < 2) return true;
  const lists = words.map((stems) => stems.map((stem) => postings.of(lexicon.idOf(stem))));
  const sizeOf = (list: readonly Uint32Array[]) => list.reduce((sum, { length }) => sum + length, 0);
  const [rarest = [], ...others] = lists.toSorted((one, other) => sizeOf(one) - sizeOf(other));
  return rarest.some((entries) =>
    entries
      .subarray(0, mostLookedAt)
      .some(
        (entry) =>
          (entry & nameFlag) !== 0 &&
          others.every((list) => list.some((other) => isNamed(other, entry >>> 8))),
      ),
  );
}

// Above every standing.
const inStockFirst = 2 ** 52;

function isNamed(entries: Uint32Array, row: number): boolean {
  const entry = entries[placeOf(entries, entries.length, row)] ?? 0;
  return entry >>> 8 === row && (entry & nameFlag) !== 0;
}

function categoriesLike({ columns }: EmbeddedIndex, last: string, size: number): string[] {
  const ids: string[] = [];
  for (const { id, name } of columns.categories.all()) {
    if (ids.length === size) break;
    if (isNamedLike(name, last)) ids.push(id);
  }
  return ids;
}
