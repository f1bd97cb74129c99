import { isPraise, type Language } from "./language.ts";
import { wholeIdTerm } from "./analyze-document.ts";
import type { Lexicon } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import { partedPhrase, respell, withoutChanceStems, withUmlauts } from "./correct-spelling.ts";
import type { Synonyms } from "./synonyms.ts";

/** A way to say a word of the query: one term, or several that stand side by side. */
export type Alternative = { terms: string[]; weight: number };

/** What a query asks of a product: one group for each of its words, each satisfied by any of its alternatives. */
export type QueryPlan = {
  groups: Alternative[][];
  /** All of its words as one, as an id would be. */
  whole: string;
  /** The query in other spelling, if a word had to be corrected. */
  correction: string | null;
};

/** Asks for nothing. */
export const emptyPlan: QueryPlan = { groups: [], whole: "", correction: null };

/** What a query is read with. */
export type Knowledge = { lexicon: Lexicon; synonyms: Synonyms; spoken: readonly Language[] };

/**
 * The ways to read a query, narrow ones first, and none twice: as typed, with acronyms and joined words; corrected and split;
 * then with synonyms. Who searches takes the first that finds enough, so what is spelled wrong finds what it finds when
 * spelled right, and synonyms help where a word finds next to nothing.
 */
export function* readingsOf(
  asked: readonly QueryWord[],
  knowledge: Knowledge,
): Generator<QueryPlan, void, void> {
  const { lexicon, spoken } = knowledge;
  const typed = withoutPraise(asked, knowledge)
    .map((word) => withUmlauts(word, knowledge))
    .map((word) => withoutChanceStems(word, lexicon));
  const narrow = narrowGroups(typed, knowledge);
  const whole = asked.map(({ written }) => written).join("");
  yield { groups: withWholeId(narrow, whole, lexicon), whole, correction: null };
  const meant = respell(typed, lexicon, spoken);
  const isRespelled = meant.some((word, at) => word !== typed[at]);
  const shown = shownAs(meant);
  const correction = shown === shownAs(typed) ? null : shown;
  const respelled = isRespelled ? narrowGroups(meant, knowledge) : narrow;
  if (isRespelled) yield { groups: respelled, whole, correction };
  const wide = wideGroups(meant, knowledge);
  if (sizeOf(wide) > sizeOf(respelled)) yield { groups: wide, whole, correction };
}

/** "Best" is rare in a shop, so it would outweigh the thing; but it stays where no thing is named, as in a brand's name. */
function withoutPraise(words: readonly QueryWord[], knowledge: Knowledge): readonly QueryWord[] {
  const { lexicon, spoken } = knowledge;
  const rest = words.filter(({ written }) => !spoken.some((language) => isPraise(written, language)));
  if (rest.length === words.length || rest.length === 0) return words;
  const isThing = rest.some((word) => namesAThing(wideGroups([word], knowledge), lexicon));
  return isThing ? rest : words;
}

/** Without synonyms, unless it is a synonym that names a thing here: who calls them otherwise wants the things, not what goes with them. */
function narrowGroups(words: readonly QueryWord[], knowledge: Knowledge): Alternative[][] {
  const groups = alternativesOf(words, knowledge);
  if (groups.length === 0 || namesAThing(groups, knowledge.lexicon)) return groups;
  const wide = wideGroups(words, knowledge);
  return namesAThing(wide, knowledge.lexicon) ? wide : groups;
}

function wideGroups(words: readonly QueryWord[], knowledge: Knowledge): Alternative[][] {
  const groups = alternativesOf(words, knowledge);
  addSynonyms(words, groups, knowledge.synonyms);
  return groups;
}

function namesAThing(groups: readonly Alternative[][], lexicon: Lexicon): boolean {
  return groups.at(-1)?.some(({ terms }) => lexicon.isTypeNoun(lexicon.idOf(terms.at(-1) ?? ""))) ?? false;
}

// What has it as an id of its own comes before all that merely have the number.
function withWholeId(groups: Alternative[][], whole: string, lexicon: Lexicon): Alternative[][] {
  const term = wholeIdTerm(whole);
  if (lexicon.idOf(term) === 0) return groups;
  return groups.map((group) => [...group, { terms: [term], weight: aboveAll }]);
}

function sizeOf(groups: readonly Alternative[][]): number {
  return groups.reduce((sum, group) => sum + group.length, 0);
}

function shownAs(words: readonly QueryWord[]): string {
  return words
    .map(({ shown }) => shown)
    .filter((shown) => shown !== "")
    .join(" ");
}

function alternativesOf(words: readonly QueryWord[], { lexicon, spoken }: Knowledge): Alternative[][] {
  const groups = words.map((word) => {
    const parted = partedPhrase(word, lexicon, spoken);
    const alternatives = plainAlternatives(word, lexicon);
    return parted ? [...alternatives, { terms: parted, weight: 1 }] : alternatives;
  });
  addAcronymsOfPhrases(words, groups, lexicon);
  addJoinedWords(words, groups, lexicon);
  return groups;
}

function plainAlternatives(word: QueryWord, lexicon: Lexicon): Alternative[] {
  const alternatives = word.stems.map((stem) => exactly(stem));
  for (const term of word.first ?? []) alternatives.push({ terms: [term], weight: aboveAll });
  if (word.joined && lexicon.idOf(word.joined) !== 0) alternatives.push(exactly(word.joined));
  for (const term of word.unlikely ?? []) alternatives.push({ terms: [term], weight: unlikelyWeight });
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
      const joined = length === 2 ? [(words[from]?.written ?? "") + (phrase[1] ?? "")] : [];
      for (const key of [phrase.join(" "), ...joined]) {
        for (const terms of synonyms.get(key) ?? []) {
          addToAll(groups, from, length, { terms, weight: synonymWeight });
        }
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

const synonymWeight = 1;
/** So much that nothing else, bonuses and all, reaches it. */
const aboveAll = 50;
const unlikelyWeight = 0.8;

function exactly(term: string): Alternative {
  return { terms: [term], weight: 1 };
}

function addToAll(groups: Alternative[][], from: number, length: number, alternative: Alternative): void {
  const phrase = alternative.terms.join(" ");
  for (const group of groups.slice(from, from + length)) {
    // A file of synonyms is read in each language, and most of its words have the same stem in several.
    if (group.every(({ terms }) => terms.join(" ") !== phrase)) group.push(alternative);
  }
}

function mainStem(word: QueryWord): string {
  return word.stems[0] ?? word.written;
}
