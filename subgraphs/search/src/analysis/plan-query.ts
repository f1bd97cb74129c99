import type { Lexicon } from "./lexicon.ts";
import type { QueryWord } from "./query-words.ts";
import type { Synonyms } from "./synonyms.ts";

/** A way to say a word of the query: one term, or several that stand side by side. */
export type Alternative = { terms: string[]; weight: number };

/** What a query asks of a product: one group for each of its words, each satisfied by any of its alternatives. */
export type QueryPlan = {
  groups: Alternative[][];
  /** The query in other spelling, if a word had to be corrected. */
  correction: string | null;
};

/** `plain` is what was typed, with acronyms; `wide` also joins, splits, corrects and reads synonyms: for when plain finds next to nothing. */
export function planQuery(
  words: readonly QueryWord[],
  lexicon: Lexicon,
  synonyms: Synonyms,
  width: "plain" | "wide",
): QueryPlan {
  const groups = words.map((word) => plainAlternatives(word, lexicon));
  addAcronymsOfPhrases(words, groups, lexicon);
  if (width === "plain") return { groups, correction: null };
  addSynonyms(words, groups, synonyms);
  addJoinedWords(words, groups, lexicon);
  const corrected = words.map((word, at) => addSplitsAndSpellings(word, groups[at] ?? [], lexicon));
  const isCorrected = corrected.some((written) => written !== undefined);
  const correction = words.map((word, at) => corrected[at] ?? word.written).join(" ");
  return { groups, correction: isCorrected ? correction : null };
}

function plainAlternatives(word: QueryWord, lexicon: Lexicon): Alternative[] {
  const alternatives = word.stems.map((stem) => exactly(stem));
  if (word.joined && lexicon.idOf(word.joined) !== 0) alternatives.push(exactly(word.joined));
  for (const stem of word.stems) {
    for (const phrase of lexicon.spellOut(stem)) alternatives.push({ terms: phrase, weight: 1 });
  }
  return alternatives;
}

function addAcronymsOfPhrases(words: readonly QueryWord[], groups: Alternative[][], lexicon: Lexicon): void {
  for (const length of [3, 4, 5]) {
    for (let from = 0; from + length <= words.length; from++) {
      const stems = words.slice(from, from + length).map(mainStem);
      const acronym = stems.map((stem) => stem.charAt(0)).join("");
      const isKnown = lexicon.spellOut(acronym).some((phrase) => phrase.join(" ") === stems.join(" "));
      if (isKnown) addToAll(groups, from, length, exactly(acronym));
    }
  }
}

function addSynonyms(words: readonly QueryWord[], groups: Alternative[][], synonyms: Synonyms): void {
  for (let from = 0; from < words.length; from++) {
    for (let length = 1; length <= Math.min(4, words.length - from); length++) {
      const phrase = words.slice(from, from + length).map(mainStem);
      for (const terms of synonyms.get(phrase.join(" ")) ?? []) {
        addToAll(groups, from, length, { terms, weight: synonymWeight });
      }
    }
  }
}

function addJoinedWords(words: readonly QueryWord[], groups: Alternative[][], lexicon: Lexicon): void {
  for (let from = 0; from + 1 < words.length; from++) {
    const [one, other] = [words[from], words[from + 1]];
    if (!one || !other) continue;
    for (const stem of other.stems) {
      const joined = one.written + stem;
      if (lexicon.idOf(joined) !== 0) addToAll(groups, from, 2, exactly(joined));
    }
  }
}

/** Returns the word in better spelling if the lexicon lacks it and has one. */
function addSplitsAndSpellings(word: QueryWord, group: Alternative[], lexicon: Lexicon): string | undefined {
  const stem = mainStem(word);
  const splits = splitsOf(stem, lexicon);
  for (const terms of splits) group.push({ terms, weight: 1 });
  if (splits.length > 0 || word.stems.some((each) => lexicon.idOf(each) !== 0)) return undefined;
  const similar = lexicon.similar(stem).slice(0, mostSpellings);
  similar.forEach((term, at) => group.push({ terms: [term], weight: at === 0 ? 1 : otherSpellingWeight }));
  const [best] = similar;
  return best === undefined ? undefined : lexicon.writtenOf(best);
}

// A cut into two known words; engines look for them side by side, which rules out the accidental ones.
function splitsOf(word: string, lexicon: Lexicon): string[][] {
  const splits: string[][] = [];
  for (let at = shortestHalf; at + shortestHalf <= word.length; at++) {
    const halves = [word.slice(0, at), word.slice(at)];
    if (halves.every((half) => lexicon.frequency(lexicon.idOf(half)) > 0)) splits.push(halves);
  }
  return splits;
}

const synonymWeight = 1;
const otherSpellingWeight = 0.8;
const mostSpellings = 3;
const shortestHalf = 3;

function exactly(term: string): Alternative {
  return { terms: [term], weight: 1 };
}

function addToAll(groups: Alternative[][], from: number, length: number, alternative: Alternative): void {
  for (const group of groups.slice(from, from + length)) group.push(alternative);
}

function mainStem(word: QueryWord): string {
  return word.stems[0] ?? word.written;
}
