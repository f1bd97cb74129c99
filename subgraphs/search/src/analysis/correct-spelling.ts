import { fold } from "./fold.ts";
import type { Language } from "./language.ts";
import type { Lexicon } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import { stemsOf } from "./stem.ts";

const mostSpellings = 3;
const shortestHalf = 3;

/** A word that fewer products have than this may be two words that were written as one. */
const rare = 5;

/** How many times more frequent two words must be than the one that they could be as well. */
const overwhelming = 10;

/** A word that more products have than this is no slip. */
const mostSlips = 2;

/** How many times more frequent a word must be than a rare one that may be a slip of it. */
const farMore = 20;

/**
 * Words that nothing of the collection has, as what was probably meant: a word one slip away, else two words that
 * were written as one, else a word two slips away. A rare word may be two as well as itself, or a slip that a product
 * has too; what has it as it was typed comes first, since many a rare word near a common one is what it is.
 */
export function respell(
  words: readonly QueryWord[],
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] {
  return words.flatMap((word, at) => {
    const frequency = frequencyOf(word.stems, lexicon);
    if (frequency >= rare) return [word];
    if (frequency > 0)
      return partRare(word, frequency, lexicon, spoken) ?? [likelySlip(word, frequency, lexicon)];
    const isHalf = isKnownWith(words[at - 1], word, lexicon) || isKnownWith(word, words[at + 1], lexicon);
    return isHalf ? [word] : respellUnknown(word, lexicon, spoken);
  });
}

/** Whether both are one word that was parted: no half is a slip then. */
function isKnownWith(one: QueryWord | undefined, other: QueryWord | undefined, lexicon: Lexicon): boolean {
  return one !== undefined && (other?.stems.some((stem) => lexicon.idOf(one.written + stem) !== 0) ?? false);
}

/** Where German is spoken, "ü" may be written "ue": looked for too; and the other way round if far more products have it. */
export function withUmlauts(
  word: QueryWord,
  { lexicon, spoken }: { lexicon: Lexicon; spoken: readonly Language[] },
): QueryWord {
  if (!spoken.includes("de")) return word;
  const spelledOut = word.shown.replace(/[äöü]/g, (letter) => `${fold(letter)}e`);
  if (spelledOut !== word.shown) {
    const known = stemsOf(fold(spelledOut), spoken).filter((term) => lexicon.idOf(term) !== 0);
    return known.length === 0 ? word : { ...word, stems: [...word.stems, ...known] };
  }
  if (!/[aou]e/.test(word.written)) return word;
  const stems = stemsOf(word.written.replace(/([aou])e/g, "$1"), spoken);
  const isLikelier =
    frequencyOf(stems, lexicon) > overwhelming * frequencyOf(word.stems, lexicon) &&
    stems.some((term) => /[äöü]/.test(lexicon.writtenOf(term)));
  return isLikelier ? { ...word, stems: [...new Set([...stems, ...word.stems])] } : word;
}

/** A word that next to nothing has as those far more common ones that are one slip away and begin alike. */
function likelySlip(word: QueryWord, frequency: number, lexicon: Lexicon): QueryWord {
  if (frequency > mostSlips) return word;
  const isLikelier = ({ term, distance }: { term: string; distance: number }) =>
    distance === 1 &&
    term[0] === word.written[0] &&
    !word.stems.includes(term) &&
    frequencyOf([term], lexicon) >= farMore * frequency;
  // A word whose end is missing is that word, before any other.
  const isCutShort = (term: string) => (term.startsWith(word.written) ? 0 : 1);
  const [best, ...others] = similarTo(word, lexicon)
    .filter(isLikelier)
    .map(({ term }) => term)
    .sort((one, other) => isCutShort(one) - isCutShort(other));
  if (best === undefined) return word;
  // What is merely stemmed to it was not written so.
  const isWritten = word.stems.some((term) => fold(lexicon.writtenOf(term)) === word.written);
  return {
    ...word,
    shown: lexicon.writtenOf(best),
    stems: isWritten ? [best] : [best, ...word.stems],
    unlikely: others.slice(0, mostSpellings - 1),
    ...(isWritten && { first: word.stems }),
  };
}

/**
 * A slip may happen to have a stem in another language ("headste"): where another word one slip away is known, and
 * isn't rare, that was meant.
 */
export function withoutChanceStems(word: QueryWord, lexicon: Lexicon): QueryWord {
  const [main, ...foreign] = word.stems;
  if (main === undefined || lexicon.frequency(lexicon.idOf(main)) > 0) return word;
  if (foreign.every((term) => lexicon.idOf(term) === 0)) return word;
  const [best] = similarTo(word, lexicon);
  if (best?.distance !== 1 || foreign.includes(best.term)) return word;
  return frequencyOf([best.term], lexicon) < rare ? word : { ...word, stems: [main] };
}

function respellUnknown(word: QueryWord, lexicon: Lexicon, spoken: readonly Language[]): QueryWord[] {
  const [best, ...others] = similarTo(word, lexicon);
  const least = best?.distance === 1 ? overwhelming * frequencyOf([best.term], lexicon) : 1;
  const split = partedAtDigits(word, lexicon) ?? likeliestSplit(word, least, lexicon, spoken);
  if (split) return split;
  if (!best) return [word];
  const unlikely = [
    ...others.slice(0, mostSpellings - 1).map(({ term }) => term),
    ...stemsOf(word.written, spoken).filter((term) => lexicon.idOf(term) !== 0 && term !== best.term),
  ];
  const written = lexicon.writtenOf(best.term);
  // The same word in another form is no correction; but nobody writes a bare stem.
  const forms = stemsOf(fold(written), spoken).filter((term) => term !== word.written);
  const isForm = forms.some((term) => word.stems.includes(term));
  return [
    { ...word, written: fold(written), shown: isForm ? word.shown : written, stems: [best.term], unlikely },
  ];
}

function partRare(
  word: QueryWord,
  frequency: number,
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] | undefined {
  const split = likeliestSplit(word, overwhelming * frequency, lexicon, spoken);
  // Not a correction: what is known is shown as it was typed.
  return split?.map((half, at) => ({ ...half, shown: at === 0 ? word.shown : "" }));
}

/** A known word as two that stand side by side, if far more products have these. */
export function partedPhrase(
  word: QueryWord,
  lexicon: Lexicon,
  spoken: readonly Language[],
): string[] | undefined {
  const frequency = frequencyOf(word.stems, lexicon);
  const least = overwhelming * frequency;
  if (frequency === 0 || least > lexicon.documents) return undefined;
  return likeliestSplit(word, least, lexicon, spoken)?.map(({ stems }) => {
    const byFrequency = stems.toSorted((a, b) => frequencyOf([b], lexicon) - frequencyOf([a], lexicon));
    return byFrequency[0] ?? "";
  });
}

/** "hp364xl" as "hp 364 xl", if all parts are known. */
function partedAtDigits(word: QueryWord, lexicon: Lexicon): QueryWord[] | undefined {
  const parts = word.written.match(/\p{L}+|\p{N}+(?:\.\p{N}+)?/gu) ?? [];
  if (parts.length < 2 || parts.some((part) => frequencyOf([part], lexicon) === 0)) return undefined;
  return parts.map((part) => ({ ...word, written: part, shown: part, stems: [part] }));
}

/** By its stem as well: a slip in an ending may make a stem that is further away. */
function similarTo({ written, stems }: QueryWord, lexicon: Lexicon): { term: string; distance: number }[] {
  return lexicon.similar([...new Set([written, stems[0] ?? written])]);
}

/** The cut whose rarer half is the most frequent, if `least` products have it. */
function likeliestSplit(
  word: QueryWord,
  least: number,
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] | undefined {
  let most = least - 1;
  let likeliest: QueryWord[] | undefined;
  for (let cut = shortestHalf; cut + shortestHalf <= word.written.length; cut++) {
    const [first, second] = [word.written.slice(0, cut), word.written.slice(cut)];
    // No ending stands inside a compound.
    const heads = stemsOf(first, spoken).filter(
      (term) => term === first || fold(lexicon.writtenOf(term)) === first,
    );
    const ofHeads = frequencyOf(heads, lexicon);
    if (ofHeads <= most) continue;
    const tails = stemsOf(second, spoken);
    const rarer = Math.min(ofHeads, frequencyOf(tails, lexicon));
    if (rarer <= most) continue;
    most = rarer;
    likeliest = [
      { ...word, written: first, shown: first, stems: heads, joined: word.stems[0] },
      { ...word, written: second, shown: second, stems: tails, joined: word.stems[0] },
    ];
  }
  return likeliest;
}

function frequencyOf(stems: readonly string[], lexicon: Lexicon): number {
  return Math.max(0, ...stems.map((term) => lexicon.frequency(lexicon.idOf(term))));
}
