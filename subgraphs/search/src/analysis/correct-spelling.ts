import { fold } from "./fold.ts";
import type { Language } from "./language.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import { stemsOf } from "./stem.ts";

const maxSpellings = 3;
const minHalfLength = 3;

/** A word that fewer products have than this may be two words that were written as one. */
const rare = 5;

/** How many times more frequent two words must be than the one that they could be as well. */
const overwhelmingRatio = 10;

/** A word that more products have than this is no slip. */
const maxTypoFrequency = 2;

/** How many times more frequent a word must be than a rare one that may be a slip of it. */
const typoRatio = 20;

/**
 * Words that nothing of the collection has, as what was probably meant: a word one slip away, else two words that
 * were written as one, else a word two slips away. A rare word may be two as well as itself, or a slip that a product
 * has too; what has it as it was typed comes first, since many a rare word near a common one is what it is.
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

/** Whether both are one word that was parted: no half is a slip then. */
function isKnownWith(
  one: QueryWord | undefined,
  other: QueryWord | undefined,
  vocabulary: Vocabulary,
): boolean {
  return (
    one !== undefined && (other?.stems.some((stem) => vocabulary.idOf(one.folded + stem) !== 0) ?? false)
  );
}

/** Where German is spoken, "ü" may be written "ue": looked for too; and the other way round if far more products have it. */
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

/** A word that next to nothing has as those far more common ones that are one slip away and begin alike. */
function likelyTypo(word: QueryWord, frequency: number, vocabulary: Vocabulary): QueryWord {
  if (frequency > maxTypoFrequency) return word;
  const isLikelier = ({ term, distance }: { term: string; distance: number }) =>
    distance === 1 &&
    term[0] === word.folded[0] &&
    !word.stems.includes(term) &&
    frequencyOf([term], vocabulary) >= typoRatio * frequency;
  // A word whose end is missing is that word, before any other.
  const isCutShort = (term: string) => (term.startsWith(word.folded) ? 0 : 1);
  const [best, ...others] = similarTo(word, vocabulary)
    .filter(isLikelier)
    .map(({ term }) => term)
    .sort((one, other) => isCutShort(one) - isCutShort(other));
  if (best === undefined) return word;
  // What is merely stemmed to it was not written so.
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
 * A slip may happen to have a stem in another language ("headste"): where another word one slip away is known, and
 * isn't rare, that was meant.
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
  // The same word in another form is no correction; but nobody writes a bare stem.
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
  // Not a correction: what is known is shown as it was typed.
  return split?.map((half, at) => ({ ...half, surfaceForm: at === 0 ? word.surfaceForm : "" }));
}

/** A known word as two that stand side by side, if far more products have these. */
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

/** By its stem as well: a slip in an ending may make a stem that is further away. */
function similarTo(
  { folded, stems }: QueryWord,
  vocabulary: Vocabulary,
): { term: string; distance: number }[] {
  return vocabulary.similar([...new Set([folded, stems[0] ?? folded])]);
}

/** The cut whose rarer half is the most frequent, if `least` products have it. */
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
    // No ending stands inside a compound.
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
