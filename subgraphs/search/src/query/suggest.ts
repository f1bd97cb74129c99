import type { Suggestions } from "../engine/engine.ts";
import type { SearchIndex } from "../engine/search-index.ts";
import { ApproximateLru } from "../cache/approximate-lru.ts";
import { fold } from "../text/fold.ts";
import { queryWordsOf } from "../text/query-words.ts";

const maxCompletions = 20;

/** Suggestions for a prefix, on either engine: completed words, products, categories. */
export async function suggest(index: SearchIndex, prefix: string, size: number): Promise<Suggestions> {
  const words = queryWordsOf(prefix, index.languages);
  const last = words.at(-1);
  if (!last) return { queries: [], productIds: [], categoryIds: [] };
  const completions = index.vocabulary.completionsOf(last.folded, Math.max(size, maxCompletions));
  const { productIds, completed } = await index.completeNames(
    {
      before: words.slice(0, -1).map(({ stems }) => stems),
      last: [last.folded, ...last.stems],
      completed: completions.map(({ term }) => term),
    },
    size,
  );
  const endings = completions.filter(({ term }) => completed.has(term));
  const queries = completeQuery(
    prefix,
    last.folded,
    endings.map(({ surfaceForm }) => surfaceForm),
  );
  return {
    queries: queries.slice(0, size),
    productIds,
    categoryIds: categoriesLike(index, last.folded, size),
  };
}

// Each completion in place of the last word; none if the text doesn't end with that word, but with a small word or a sign.
function completeQuery(typed: string, last: string, words: readonly string[]): string[] {
  const text = fold(typed).trim();
  if (!text.endsWith(last)) return [];
  const start = text.slice(0, text.length - last.length);
  return [...new Set(words.map((word) => start + word))];
}

function categoriesLike(index: SearchIndex, last: string, size: number): string[] {
  const ids: string[] = [];
  for (const { id, name } of index.categories()) {
    if (ids.length === size) break;
    if (hasWordStartingWith(name, last)) ids.push(id);
  }
  return ids;
}

const namesWords = new ApproximateLru<string, string[]>(10_000);

// The folded words are cached: folding hundreds of names was most of the work of a suggestion.
function hasWordStartingWith(name: string, prefix: string): boolean {
  let words = namesWords.get(name);
  if (!words) namesWords.set(name, (words = fold(name).split(/\s+/)));
  return words.some((word) => word.startsWith(prefix));
}
