import { fold } from "./fold.ts";
import type { Language } from "./language.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import { stemsOf } from "./stem.ts";

const maxSpellings = 3;
const minHalfLength = 3;

/** A word with a lower document frequency may be two words that were written as one. */
const rare = 5;

/** How many times more frequent the two halves (or the umlaut spelling) must be to replace a known word. */
const overwhelmingRatio = 10;

/** A word with a higher document frequency is no misspelling. */
const maxTypoFrequency = 2;

/** How many times more frequent a word must be than a rare one to be its likely correction. */
const typoRatio = 20;

/**
 * Corrects words that no product has: to a word one edit away, else to two words that were written as one, else to a word
 * two edits away. A rare word may also be two words, or a misspelling that some product has too; products with the word as
 * typed come first, since most rare words near a common one are no misspellings.
 */
export function correctSpelling(
  words: readonly QueryWord[],
  vocabulary: Vocabulary,
  languages: readonly Language[],
): QueryWord[] {
  return words.flatMap((word, at) => {
    const frequency = frequencyOf(word.stems, vocabulary);
    if (frequency >= rare) return [word];
    if (frequency > 0)
      return splitRare(word, frequency, vocabulary, languages) ?? [likelyTypo(word, frequency, vocabulary)];
    const isHalf =
      isKnownWith(words[at - 1], word, vocabulary) || isKnownWith(word, words[at + 1], vocabulary);
    return isHalf ? [word] : correctUnknown(word, vocabulary, languages);
  });
}

/** Whether the vocabulary knows both as one word that was split: neither half is a misspelling then. */
function isKnownWith(
  one: QueryWord | undefined,
  other: QueryWord | undefined,
  vocabulary: Vocabulary,
): boolean {
  return (
    one !== undefined && (other?.stems.some((stem) => vocabulary.idOf(one.folded + stem) !== 0) ?? false)
  );
}

/** For German, "ü" also matches "ue"; and "ue" matches "ü" if far more products have that. */
export function withUmlauts(
  word: QueryWord,
  { vocabulary, languages }: { vocabulary: Vocabulary; languages: readonly Language[] },
): QueryWord {
  if (!languages.includes("de")) return word;
  const spelledOut = word.surfaceForm.replace(/[äöü]/g, (letter) => `${fold(letter)}e`);
  if (spelledOut !== word.surfaceForm) {
    const known = stemsOf(fold(spelledOut), languages).filter((term) => vocabulary.idOf(term) !== 0);
    return known.length === 0 ? word : { ...word, stems: [...word.stems, ...known] };
  }
  if (!/[aou]e/.test(word.folded)) return word;
  const stems = stemsOf(word.folded.replace(/([aou])e/g, "$1"), languages);
  const isLikelier =
    frequencyOf(stems, vocabulary) > overwhelmingRatio * frequencyOf(word.stems, vocabulary) &&
    stems.some((term) => /[äöü]/.test(vocabulary.surfaceFormOf(term)));
  return isLikelier ? { ...word, stems: [...new Set([...stems, ...word.stems])] } : word;
}

/** Corrects a very rare word to the far more frequent words one edit away that begin with the same letter. */
function likelyTypo(word: QueryWord, frequency: number, vocabulary: Vocabulary): QueryWord {
  if (frequency > maxTypoFrequency) return word;
  const isLikelier = ({ term, distance }: { term: string; distance: number }) =>
    distance === 1 &&
    term[0] === word.folded[0] &&
    !word.stems.includes(term) &&
    frequencyOf([term], vocabulary) >= typoRatio * frequency;
  // A completion of the typed word comes before other corrections.
  const isCutShort = (term: string) => (term.startsWith(word.folded) ? 0 : 1);
  const [best, ...others] = similarTo(word, vocabulary)
    .filter(isLikelier)
    .map(({ term }) => term)
    .sort((one, other) => isCutShort(one) - isCutShort(other));
  if (best === undefined) return word;
  // Otherwise products merely have a word with the same stem, and none has the typed form.
  const isWritten = word.stems.some((term) => fold(vocabulary.surfaceFormOf(term)) === word.folded);
  return {
    ...word,
    surfaceForm: vocabulary.surfaceFormOf(best),
    stems: isWritten ? [best] : [best, ...word.stems],
    otherCorrections: others.slice(0, maxSpellings - 1),
    ...(isWritten && { typedStems: word.stems }),
  };
}

/**
 * Drops stems of other languages that match by chance, as a misspelling may ("headste"): if the main stem is unknown and a
 * known word one edit away isn't rare, the shopper meant that word.
 */
export function withoutChanceStems(word: QueryWord, vocabulary: Vocabulary): QueryWord {
  const [main, ...foreign] = word.stems;
  if (main === undefined || vocabulary.frequency(vocabulary.idOf(main)) > 0) return word;
  if (foreign.every((term) => vocabulary.idOf(term) === 0)) return word;
  const [best] = similarTo(word, vocabulary);
  if (best?.distance !== 1 || foreign.includes(best.term)) return word;
  return frequencyOf([best.term], vocabulary) < rare ? word : { ...word, stems: [main] };
}

function correctUnknown(
  word: QueryWord,
  vocabulary: Vocabulary,
  languages: readonly Language[],
): QueryWord[] {
  const [best, ...others] = similarTo(word, vocabulary);
  const least = best?.distance === 1 ? overwhelmingRatio * frequencyOf([best.term], vocabulary) : 1;
  const split = splitAtDigits(word, vocabulary) ?? likeliestSplit(word, least, vocabulary, languages);
  if (split) return split;
  if (!best) return [word];
  const otherCorrections = [
    ...others.slice(0, maxSpellings - 1).map(({ term }) => term),
    ...stemsOf(word.folded, languages).filter((term) => vocabulary.idOf(term) !== 0 && term !== best.term),
  ];
  const surfaceForm = vocabulary.surfaceFormOf(best.term);
  // Another form of the same word is no correction; but a bare stem that is no word is.
  const forms = stemsOf(fold(surfaceForm), languages).filter((term) => term !== word.folded);
  const isForm = forms.some((term) => word.stems.includes(term));
  return [
    {
      ...word,
      folded: fold(surfaceForm),
      surfaceForm: isForm ? word.surfaceForm : surfaceForm,
      stems: [best.term],
      otherCorrections,
    },
  ];
}

function splitRare(
  word: QueryWord,
  frequency: number,
  vocabulary: Vocabulary,
  languages: readonly Language[],
): QueryWord[] | undefined {
  const split = likeliestSplit(word, overwhelmingRatio * frequency, vocabulary, languages);
  // No correction: a known word is shown as typed.
  return split?.map((half, at) => ({ ...half, surfaceForm: at === 0 ? word.surfaceForm : "" }));
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
  return likeliestSplit(word, least, vocabulary, languages)?.map(({ stems }) => {
    const byFrequency = stems.toSorted((a, b) => frequencyOf([b], vocabulary) - frequencyOf([a], vocabulary));
    return byFrequency[0] ?? "";
  });
}

/** "hp364xl" as "hp 364 xl", if all parts are known. */
function splitAtDigits(word: QueryWord, vocabulary: Vocabulary): QueryWord[] | undefined {
  const parts = word.folded.match(/\p{L}+|\p{N}+(?:\.\p{N}+)?/gu) ?? [];
  if (parts.length < 2 || parts.some((part) => frequencyOf([part], vocabulary) === 0)) return undefined;
  return parts.map((part) => ({ ...word, folded: part, surfaceForm: part, stems: [part] }));
}

/** Compares the stem as well: a misspelled ending may be further away than its stem. */
function similarTo(
  { folded, stems }: QueryWord,
  vocabulary: Vocabulary,
): { term: string; distance: number }[] {
  return vocabulary.similar([...new Set([folded, stems[0] ?? folded])]);
}

/** The split whose rarer half is the most frequent, if at least `least` products have that half. */
function likeliestSplit(
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

function frequencyOf(stems: readonly string[], vocabulary: Vocabulary): number {
  return Math.max(0, ...stems.map((term) => vocabulary.frequency(vocabulary.idOf(term))));
}
