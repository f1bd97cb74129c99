import { fold } from "./analysis/fold.ts";
import { ApproximateLru } from "./approximate-lru.ts";

/** A query is offered to others only once so many have asked it, so that nobody's slip or secret is shown to all. */
export const minTimesAsked = 3;
/** Above so many queries that are not offered yet, they are forgotten; looked at once in so many that were learned. */
export const maxRareQueries = 200_000;
export const cleanUpEvery = 10_000;
/** A purchase says as much for the search that led to it as five who ask it. */
export const purchaseWeight = 5;
const maxQueryLength = 60;
const maxAskers = 10;

/** How often a query was asked, and by whom at last. */
export type QueryCount = { times: number; askers: readonly string[] };

/** Who asked: each customer counts once, all guests of a day together once, since nobody can tell them apart. */
export function askerOf(customerId: string | null, at: string): string {
  return customerId ?? `guest of ${at.slice(0, 10)}`;
}

/** Counts one who asked, unless that one was counted lately. */
export function countAsker({ times, askers }: QueryCount, asker: string): QueryCount {
  if (askers.includes(asker)) return { times, askers };
  return { times: times + 1, askers: [...askers, asker].slice(-maxAskers) };
}

/** A query as it is offered; undefined if it is too short or too long for that, or holds an address. */
export function suggestible(query: string): string | undefined {
  const text = fold(query).trim();
  return text.length < 2 || text.length > maxQueryLength || text.includes("@") ? undefined : text;
}

/** The words as they continue what was typed; none once the last word has ended, by a blank and a small word or by a sign. */
export function completeQuery(typed: string, last: string, words: readonly string[]): string[] {
  const text = fold(typed).trim();
  if (!text.endsWith(last)) return [];
  const start = text.slice(0, text.length - last.length);
  return words.map((word) => start + word);
}

const namesWords = new ApproximateLru<string, string[]>(10_000);

/** Whether a word of the name begins so. Folding hundreds of names was most of the work of a suggestion. */
export function hasWordStartingWith(name: string, prefix: string): boolean {
  let words = namesWords.get(name);
  if (!words) {
    namesWords.set(name, (words = fold(name).split(/\s+/)));
  }
  return words.some((word) => word.startsWith(prefix));
}
