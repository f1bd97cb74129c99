import { fold } from "../../text/fold.ts";
import { queryWordsOf } from "../../text/query-words.ts";
import type { Suggestions } from "../engine.ts";
import { completeQuery, hasWordStartingWith } from "../../query/suggestions.ts";
import type { ActivityFile } from "./activity-file.ts";
import type { Columns } from "./columns.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { NameIndex } from "./name-index.ts";
import type { Searcher } from "./search-index.ts";
import { TopRows } from "./top-rows.ts";

const maxCompletions = 20;
/** Maximum of products that one suggestion reads. */
const maxRead = 5_000;

/** Suggestions for a prefix: queries that others asked, then completed words; products; categories. */
export function suggest(
  { index, nameIndex, languages }: Searcher,
  activity: ActivityFile,
  prefix: string,
  size: number,
): Suggestions {
  const { vocabulary, columns } = index;
  const words = queryWordsOf(prefix, languages);
  const last = words.at(-1);
  if (!last) return { queries: [], productIds: [], categoryIds: [] };
  const idsOf = (terms: readonly string[]) =>
    new Set(terms.map((term) => vocabulary.idOf(term)).filter((id) => id > 0));
  const completed = vocabulary.completionsOf(last.folded, Math.max(size, maxCompletions));
  const { best, completing } = readNames(
    nameIndex,
    columns,
    words.slice(0, -1).map(({ stems }) => idsOf(stems)),
    idsOf([last.folded, ...last.stems, ...completed.map(({ term }) => term)]),
    size,
  );
  const completions = completed.filter(({ term }) => completing.has(vocabulary.idOf(term)));
  const queries = [
    ...activity.queriesLike(fold(prefix).trim(), size),
    ...completeQuery(
      prefix,
      last.folded,
      completions.map(({ surfaceForm }) => surfaceForm),
    ),
  ];
  return {
    queries: [...new Set(queries)].slice(0, size),
    productIds: best.map((row) => columns.ids[row] ?? ""),
    categoryIds: categoriesLike(index, last.folded, size),
  };
}

type Terms = ReadonlySet<number>;

/** The best products whose names have all words and one of the completions, and the completions that some name has. */
function readNames(
  nameIndex: NameIndex,
  columns: Columns,
  before: readonly Terms[],
  last: Terms,
  size: number,
): { best: number[]; completing: Terms } {
  const top = new TopRows(size);
  const isAlone = before.length === 0;
  const completing = new Set(isAlone ? last : []);
  const countOf = (terms: Terms) => [...terms].reduce((sum, term) => sum + nameIndex.countOf(term), 0);
  const words = [last, ...before].toSorted((one, other) => countOf(one) - countOf(other));
  let read = 0;
  for (const term of words[0] ?? []) {
    for (const row of nameIndex.of(term)) {
      const staticRank = columns.browseRankOf(row);
      const isBetter = top.takes(staticRank) && !top.has(row);
      if (!isBetter && completing.size === last.size) continue;
      if (++read > maxRead) break;
      const name = nameIndex.nameOf(row);
      if (!words.every((terms) => name.some((one) => terms.has(one)))) continue;
      if (isBetter) top.offer(row, staticRank);
      for (const one of name) if (last.has(one)) completing.add(one);
    }
  }
  return { best: top.best(), completing };
}

function categoriesLike({ columns }: EmbeddedIndex, last: string, size: number): string[] {
  const ids: string[] = [];
  for (const { id, name } of columns.categories.all()) {
    if (ids.length === size) break;
    if (hasWordStartingWith(name, last)) ids.push(id);
  }
  return ids;
}
