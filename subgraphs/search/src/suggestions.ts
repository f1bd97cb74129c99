import { fold } from "./analysis/fold.ts";

/** A query is offered to others only once it has been asked as often, so that nobody's slip is shown to all. */
export const timesAsked = 3;
/** Longer queries are not learned. */
export const longestLearned = 60;
/** A purchase says as much for the search that led to it as asking it five times. */
export const boughtWeight = 5;

/** The words as they continue what was typed; none once the last word has ended, by a blank and a small word or by a sign. */
export function continued(typed: string, last: string, words: readonly string[]): string[] {
  const text = fold(typed).trim();
  if (!text.endsWith(last)) return [];
  const start = text.slice(0, text.length - last.length);
  return words.map((word) => start + word);
}

const mostNames = 20_000;
const namesWords = new Map<string, string[]>();

/** Whether a word of the name begins so. Folding hundreds of names was most of the work of a suggestion. */
export function isNamedLike(name: string, prefix: string): boolean {
  let words = namesWords.get(name);
  if (!words) {
    if (namesWords.size >= mostNames) namesWords.clear();
    namesWords.set(name, (words = fold(name).split(/\s+/)));
  }
  return words.some((word) => word.startsWith(prefix));
}
