import { fold } from "./fold.ts";
import type { Language } from "./language.ts";
import type { QueryWord } from "./query-words.ts";
import { stemsOf } from "./stem.ts";
import type { Vocabulary } from "./vocabulary.ts";

const minHalfLength = 3;

/** A word with a lower document frequency may be two words that were written as one. */
export const rare = 5;

/** How many times more frequent the two halves (or the umlaut spelling) must be to replace a known word. */
export const overwhelmingRatio = 10;

/** A rare word that is known, as two far more frequent words. */
export function splitRare(
  word: QueryWord,
  frequency: number,
  vocabulary: Vocabulary,
  languages: readonly Language[],
): QueryWord[] | undefined {
  const split = likeliestSplit(word, overwhelmingRatio * frequency, vocabulary, languages);
  if (!split || !endsWithType(split, vocabulary)) return undefined;
  // No correction: a known word is shown as typed.
  return split.map((half, at) => ({ ...half, surfaceForm: at === 0 ? word.surfaceForm : "" }));
}

/** Two words that were written as one may stand apart if the second names a product type: "wirelessmouse". */
export function endsWithType(split: readonly QueryWord[], vocabulary: Vocabulary): boolean {
  return split.at(-1)?.stems.some((term) => vocabulary.isTypeNoun(vocabulary.idOf(term))) ?? false;
}

/** Other parts of a compound mean nothing apart: "microwave" is no wave. */
export function sideBySide(word: QueryWord, split: QueryWord[], vocabulary: Vocabulary): QueryWord[] {
  const surfaceForm = split.map(({ folded }) => folded).join(" ");
  return [{ ...word, surfaceForm, compound: split.map(({ stems }) => commonest(stems, vocabulary)) }];
}

function commonest(stems: readonly string[], vocabulary: Vocabulary): string {
  return stems.toSorted((a, b) => frequencyOf([b], vocabulary) - frequencyOf([a], vocabulary))[0] ?? "";
}

/** A known word as a phrase of two, if far more products have these. */
export function splitPhrase(
  word: QueryWord,
  vocabulary: Vocabulary,
  languages: readonly Language[],
): string[] | undefined {
  const frequency = frequencyOf(word.stems, vocabulary);
  const least = overwhelmingRatio * frequency;
  if (frequency === 0 || least > vocabulary.documents) return undefined;
  const split = likeliestSplit(word, least, vocabulary, languages);
  // A rare word of this kind is corrected to two.
  if (!split || (frequency < rare && endsWithType(split, vocabulary))) return undefined;
  return split.map(({ stems }) => commonest(stems, vocabulary));
}

/** "hp364xl" as "hp 364 xl", if all parts are known. */
export function splitAtDigits(word: QueryWord, vocabulary: Vocabulary): QueryWord[] | undefined {
  const parts = word.folded.match(/\p{L}+|\p{N}+(?:\.\p{N}+)?/gu) ?? [];
  if (parts.length < 2 || parts.some((part) => frequencyOf([part], vocabulary) === 0)) return undefined;
  return parts.map((part) => ({ ...word, folded: part, surfaceForm: part, stems: [part] }));
}

/** The split whose rarer half is the most frequent, if at least `least` products have that half. */
export function likeliestSplit(
  word: QueryWord,
  least: number,
  vocabulary: Vocabulary,
  languages: readonly Language[],
): QueryWord[] | undefined {
  let most = least - 1;
  let likeliest: QueryWord[] | undefined;
  for (let cut = minHalfLength; cut + minHalfLength <= word.folded.length; cut++) {
    const [first, second] = [word.folded.slice(0, cut), word.folded.slice(cut)];
    // The first half must be a whole form: a compound has no ending inside.
    const heads = stemsOf(first, languages).filter(
      (term) => term === first || fold(vocabulary.surfaceFormOf(term)) === first,
    );
    const ofHeads = frequencyOf(heads, vocabulary);
    if (ofHeads <= most) continue;
    const tails = stemsOf(second, languages);
    const rarer = Math.min(ofHeads, frequencyOf(tails, vocabulary));
    if (rarer <= most) continue;
    most = rarer;
    likeliest = [
      { ...word, folded: first, surfaceForm: first, stems: heads, joined: word.stems[0] },
      { ...word, folded: second, surfaceForm: second, stems: tails, joined: word.stems[0] },
    ];
  }
  return likeliest;
}

/** The document frequency of the most frequent stem. */
export function frequencyOf(stems: readonly string[], vocabulary: Vocabulary): number {
  return Math.max(0, ...stems.map((term) => vocabulary.frequency(vocabulary.idOf(term))));
}
