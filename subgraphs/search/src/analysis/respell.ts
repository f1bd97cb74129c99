import type { Language } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import type { QueryWord } from "./query-words.ts";
import { stem } from "./stem.ts";

const mostSpellings = 3;
const shortestHalf = 3;

/** A word that fewer products have than this may be two words that were written as one. */
const rare = 5;

/**
 * Words that nothing of the collection has, as what was probably meant: a word one slip away, else two words that
 * were written as one, else a word two slips away. A rare word may be two as well; others stay as they are.
 */
export function respell(
  words: readonly QueryWord[],
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] {
  return words.flatMap((word) => {
    const frequency = frequencyOf(word.stems, lexicon);
    if (frequency === 0) return respellWord(word, lexicon, spoken);
    const split = frequency < rare ? likeliestSplit(word, lexicon, spoken) : undefined;
    // Not a correction: what is known is shown as it was typed.
    return split?.map((half, at) => ({ ...half, written: at === 0 ? word.written : "" })) ?? [word];
  });
}

/** How many times more frequent a corrected word must be than what another language makes of a slip. */
const overwhelming = 10;

/**
 * A slip may happen to have a stem in another language ("headste"): where a word one slip away is far more frequent,
 * that was meant.
 */
export function withoutChanceStems(word: QueryWord, lexicon: Lexicon): QueryWord {
  const [main, ...foreign] = word.stems;
  if (main === undefined || foreign.length === 0 || frequencyOf([main], lexicon) > 0) return word;
  const byChance = frequencyOf(foreign, lexicon);
  if (byChance === 0) return word;
  const [best] = lexicon.similar(main);
  if (best?.distance !== 1 || frequencyOf([best.term], lexicon) < overwhelming * byChance) return word;
  return { ...word, stems: [main] };
}

function respellWord(word: QueryWord, lexicon: Lexicon, spoken: readonly Language[]): QueryWord[] {
  const similar = lexicon.similar(word.stems[0] ?? word.written);
  const [best] = similar;
  const split = best?.distance === 1 ? undefined : likeliestSplit(word, lexicon, spoken);
  if (split) return split;
  if (!best) return [word];
  const others = similar.slice(1, mostSpellings).map(({ term }) => term);
  return [{ ...word, written: lexicon.writtenOf(best.term), stems: [best.term], unlikely: others }];
}

// The cut whose rarer half is the most frequent.
function likeliestSplit(
  word: QueryWord,
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] | undefined {
  let most = 0;
  let likeliest: QueryWord[] | undefined;
  for (const halves of splitsOf(word.written, spoken)) {
    const rarer = Math.min(...halves.map(({ stems }) => frequencyOf(stems, lexicon)));
    if (rarer <= most) continue;
    most = rarer;
    likeliest = halves.map((half) => ({ ...word, ...half, joined: word.stems[0] }));
  }
  return likeliest;
}

// All cuts of a word in two, with the stems of each half.
function splitsOf(word: string, spoken: readonly Language[]): { written: string; stems: string[] }[][] {
  const cuts = Array.from(
    { length: Math.max(0, word.length - 2 * shortestHalf + 1) },
    (_, at) => at + shortestHalf,
  );
  return cuts.map((cut) =>
    [word.slice(0, cut), word.slice(cut)].map((written) => ({
      written,
      stems: [...new Set(spoken.map((language) => stem(written, language)))],
    })),
  );
}

function frequencyOf(stems: readonly string[], lexicon: Lexicon): number {
  return Math.max(...stems.map((term) => lexicon.frequency(lexicon.idOf(term))));
}
