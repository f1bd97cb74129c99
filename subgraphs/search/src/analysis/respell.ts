import type { Language } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import type { QueryWord } from "./query-words.ts";
import { stemsOf } from "./stem.ts";

const mostSpellings = 3;
const shortestHalf = 3;

/** A word that fewer products have than this may be two words that were written as one. */
const rare = 5;

/** How many times more frequent two words must be than the one that they could be as well. */
const overwhelming = 10;

/**
 * Words that nothing of the collection has, as what was probably meant: a word one slip away, else two words that
 * were written as one, else a word two slips away. A rare word may be two as well as itself; it is no slip, since most
 * rare words near common ones are what they are ("candle", "handle").
 */
export function respell(
  words: readonly QueryWord[],
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] {
  return words.flatMap((word) => {
    const frequency = frequencyOf(word.stems, lexicon);
    if (frequency === 0) return respellUnknown(word, lexicon, spoken);
    return frequency < rare ? partRare(word, frequency, lexicon, spoken) : [word];
  });
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
  const split = likeliestSplit(word, least, lexicon, spoken);
  if (split) return split;
  if (!best) return [word];
  const unlikely = [
    ...others.slice(0, mostSpellings - 1).map(({ term }) => term),
    ...stemsOf(word.written, spoken).filter((term) => lexicon.idOf(term) !== 0 && term !== best.term),
  ];
  return [{ ...word, written: lexicon.writtenOf(best.term), stems: [best.term], unlikely }];
}

function partRare(
  word: QueryWord,
  frequency: number,
  lexicon: Lexicon,
  spoken: readonly Language[],
): QueryWord[] {
  const split = likeliestSplit(word, overwhelming * frequency, lexicon, spoken);
  // Not a correction: what is known is shown as it was typed.
  return split?.map((half, at) => ({ ...half, written: at === 0 ? word.written : "" })) ?? [word];
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
      (term) => term === first || lexicon.writtenOf(term) === first,
    );
    const tails = stemsOf(second, spoken);
    const rarer = Math.min(frequencyOf(heads, lexicon), frequencyOf(tails, lexicon));
    if (rarer <= most) continue;
    most = rarer;
    likeliest = [
      { ...word, written: first, stems: heads, joined: word.stems[0] },
      { ...word, written: second, stems: tails, joined: word.stems[0] },
    ];
  }
  return likeliest;
}

function frequencyOf(stems: readonly string[], lexicon: Lexicon): number {
  return Math.max(0, ...stems.map((term) => lexicon.frequency(lexicon.idOf(term))));
}
