import type { CompletedNames, TypedName } from "../search-index.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { NameIndex } from "./name-index.ts";
import { TopRows } from "./top-rows.ts";

/** Maximum of products that one suggestion reads. */
const maxRead = 5_000;

/** The best products whose names have all words and one of the completions, and the completions that some name has. */
export function completeNames(
  { vocabulary, columns }: EmbeddedIndex,
  nameIndex: NameIndex,
  typed: TypedName,
  size: number,
): CompletedNames {
  const idsOf = (terms: readonly string[]) =>
    new Set(terms.map((term) => vocabulary.idOf(term)).filter((id) => id > 0));
  const before = typed.before.map(idsOf);
  const last = idsOf([...typed.last, ...typed.completed]);
  const top = new TopRows(size);
  const completing = new Set(before.length === 0 ? last : []);
  const countOf = (terms: ReadonlySet<number>) =>
    [...terms].reduce((sum, term) => sum + nameIndex.countOf(term), 0);
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
  return {
    productIds: top.best().map((row) => columns.ids[row] ?? ""),
    completed: new Set(typed.completed.filter((term) => completing.has(vocabulary.idOf(term)))),
  };
}
