import { fold } from "./analysis/fold.ts";

/** A query is offered to others only once it has been asked as often, so that nobody's slip is shown to all. */
export const timesAsked = 3;
/** Longer queries are not learned. */
export const longestLearned = 60;
/** A purchase says as much for the search that led to it as asking it five times. */
export const boughtWeight = 5;

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
