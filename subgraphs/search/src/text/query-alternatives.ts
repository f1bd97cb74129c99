import { splitPhrase } from "./split-word.ts";
import { namesType } from "./query-head.ts";
import type { Alternative, QueryContext } from "./query-plan.ts";
import { mainStem, type QueryWord } from "./query-words.ts";
import { featureTerm } from "./special-terms.ts";
import type { Synonyms } from "./synonyms.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Above every other score with all bonuses. */
export const overridingWeight = 50;
const synonymWeight = 1;
const otherCorrectionWeight = 0.8;

/** The alternatives of each word: its stems, its parts, acronyms and joined words. */
export function alternativesOf(
  words: readonly QueryWord[],
  { vocabulary, languages }: QueryContext,
): Alternative[][] {
  const groups = words.map((word) => {
    const parted = word.compound ? undefined : splitPhrase(word, vocabulary, languages);
    const alternatives = plainAlternatives(word, vocabulary);
    return parted ? [...alternatives, { terms: parted, weight: 1 }] : alternatives;
  });
  addAcronymsOfPhrases(words, groups, vocabulary);
  addJoinedWords(words, groups, vocabulary);
  return groups;
}

function plainAlternatives(word: QueryWord, vocabulary: Vocabulary): Alternative[] {
  const alternatives = word.stems.map((stem) => exactly(stem));
  for (const term of word.typedStems ?? []) alternatives.push({ terms: [term], weight: overridingWeight });
  if (word.compound) alternatives.push({ terms: word.compound, weight: 1 });
  if (word.joined && vocabulary.idOf(word.joined) !== 0) alternatives.push(exactly(word.joined));
  for (const term of word.otherCorrections ?? [])
    alternatives.push({ terms: [term], weight: otherCorrectionWeight });
  for (const stem of word.stems) {
    for (const phrase of vocabulary.spellOut(stem)) alternatives.push({ terms: phrase, weight: 1 });
  }
  return alternatives;
}

function addAcronymsOfPhrases(
  words: readonly QueryWord[],
  groups: Alternative[][],
  vocabulary: Vocabulary,
): void {
  for (const length of [3, 4, 5]) {
    for (let from = 0; from + length <= words.length; from++) {
      const stems = words.slice(from, from + length).map(mainStem);
      const acronym = stems.map((stem) => stem.charAt(0)).join("");
      const isKnown = vocabulary.spellOut(acronym).some((phrase) => phrase.join(" ") === stems.join(" "));
      if (isKnown) addToAll(groups, from, length, exactly(acronym));
    }
  }
}

/** Adds the synonyms of words and of phrases of up to four. */
export function addSynonyms(words: readonly QueryWord[], groups: Alternative[][], synonyms: Synonyms): void {
  for (let from = 0; from < words.length; from++) {
    for (let length = 1; length <= Math.min(4, words.length - from); length++) {
      const phrase = words.slice(from, from + length).map(mainStem);
      const joined = length === 2 ? [(words[from]?.folded ?? "") + (phrase[1] ?? "")] : [];
      const compound = length === 1 ? (words[from]?.compound?.join(" ") ?? []) : [];
      for (const key of [phrase.join(" "), ...joined].concat(compound)) {
        for (const terms of synonyms.same.get(key) ?? []) {
          addToAll(groups, from, length, { terms, weight: synonymWeight });
        }
      }
    }
  }
}

function addJoinedWords(words: readonly QueryWord[], groups: Alternative[][], vocabulary: Vocabulary): void {
  for (let from = 0; from + 1 < words.length; from++) {
    const [one, other] = [words[from], words[from + 1]];
    if (!one || !other) continue;
    for (const stem of other.stems) {
      const joined = one.folded + stem;
      if (vocabulary.idOf(joined) !== 0) addToAll(groups, from, 2, exactly(joined));
    }
  }
}

function exactly(term: string): Alternative {
  return { terms: [term], weight: 1 };
}

function addToAll(groups: Alternative[][], from: number, length: number, alternative: Alternative): void {
  const phrase = alternative.terms.join(" ");
  for (const group of groups.slice(from, from + length)) {
    // The synonyms are stemmed in each language, and most words have the same stem in several.
    if (group.every(({ terms }) => terms.join(" ") !== phrase)) group.push(alternative);
  }
}

/**
 * Features that products have by a yes/no attribute: they say which thing, and never name it. Another product type is one behind
 * a preposition only: "bag" doesn't mean that a bag is included, "with microphone" does.
 */
export function withFeatures(
  words: readonly QueryWord[],
  groups: readonly Alternative[][],
  head: number,
  vocabulary: Vocabulary,
): Alternative[][] {
  const features = groups.map((): Alternative[] => []);
  words.forEach((word, at) => {
    if (word.isComplement || !namesType(groups[at] ?? [], vocabulary)) {
      for (const term of word.stems) offer(term, at, at);
    }
    const next = words[at + 1];
    if (next) for (const term of next.stems) offer(word.folded + term, at, at + 1);
  });
  return groups.map((group, at) => [...group, ...(features[at] ?? [])]);

  function offer(name: string, from: number, to: number): void {
    const term = featureTerm(name);
    if (vocabulary.idOf(term) === 0 || (from <= head && head <= to)) return;
    for (let at = from; at <= to; at++) features[at]?.push(exactly(term));
  }
}
