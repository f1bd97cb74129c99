import { fold } from "./fold.ts";
import type { Language } from "./language.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import {
  endsWithType,
  frequencyOf,
  likeliestSplit,
  overwhelmingRatio,
  rare,
  sideBySide,
  splitAtDigits,
  splitRare,
} from "./split-word.ts";
import { stemsOf } from "./stem.ts";

const maxSpellings = 3;

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
  const parts = likeliestSplit(word, least, vocabulary, languages);
  if (parts && endsWithType(parts, vocabulary)) return parts;
  const split = splitAtDigits(word, vocabulary) ?? (parts && sideBySide(word, parts, vocabulary));
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

/** Compares the stem as well: a misspelled ending may be further away than its stem. */
function similarTo(
  { folded, stems }: QueryWord,
  vocabulary: Vocabulary,
): { term: string; distance: number }[] {
  return vocabulary.similar([...new Set([folded, stems[0] ?? folded])]);
}
