import { categoryNounOf, nameOf, type DocumentTokens } from "../text/document-tokens.ts";
import { isOwnValue } from "../text/head-words.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { wordKinds } from "../text/word-kinds.ts";

/** How surely a product is of a type: by its category or its name, or only perhaps. */
const [surely, besideAnother, vaguely, onTheSide] = [1, 0.6, 0.5, 0.25];

/**
 * How surely a product is what one of the nouns says, from 0 to 1. Its category's noun says so. In its name, the noun must be
 * both the first one that no other follows and the last one before a number: a "notebook dock", a "lens cap for cameras" and a
 * "holder for notebook" are no notebook and no camera. Words behind it that are no attribute value of the product may be such
 * a noun that the shop doesn't know yet ("notebook quickdock").
 */
export function calledBy(tokens: DocumentTokens, nouns: readonly number[], vocabulary: Vocabulary): number {
  if (nouns.includes(categoryNounOf(tokens))) return surely;
  const name = nameOf(tokens);
  const is = (id: number | undefined, kind: number) => (vocabulary.kindOf(id ?? 0) & kind) !== 0;
  const isNoun = (id: number | undefined) =>
    id !== undefined && id !== 0 && (nouns.includes(id) || vocabulary.isSharedTypeNoun(id));
  let [first, last] = [-1, -1];
  let end = name.length;
  let hasNounBehind = false;
  for (let at = 0; at < name.length; at++) {
    const id = name[at] ?? 0;
    if (is(id, wordKinds.number)) {
      if (last >= 0) end = Math.min(end, at);
    } else if (isNoun(id)) {
      const isWanted = nouns.includes(id);
      // A unit: "2 port", "4 pack".
      if (is(name[at - 1], wordKinds.number) && !isWanted) continue;
      if (at > end) {
        hasNounBehind ||= !isWanted;
        continue;
      }
      last = at;
      if (first < 0 && !isNoun(name[at + 1])) first = at;
    }
  }
  const isFirst = nouns.includes(name[first] ?? 0);
  const isLast = nouns.includes(name[last] ?? 0);
  if (!isFirst || !isLast) return isFirst || isLast ? onTheSide : 0;
  for (const id of name.subarray(last + 1, end)) {
    if (is(id, wordKinds.letters) && !isOwnValue(tokens, id)) return vaguely;
  }
  return hasNounBehind ? besideAnother : surely;
}

/** From this on a product counts as of the type. */
export const isCalledFrom = vaguely;
