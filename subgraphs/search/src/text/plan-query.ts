import { isNoiseWord, type Language } from "./language.ts";
import { wholeIdTerm } from "./analyze-document.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import { splitPhrase, correctSpelling, withoutChanceStems, withUmlauts } from "./correct-spelling.ts";
import type { Synonyms } from "./synonyms.ts";

/** An alternative for a word of the query: one term, or a phrase of several. */
export type Alternative = { terms: string[]; weight: number };

/** A plan: one group for each word of the query; a product matches a group by any of its alternatives. */
export type QueryPlan = {
  groups: Alternative[][];
  /** All of its words joined, to match a whole id. */
  whole: string;
  /** The corrected query, if a word was corrected. */
  correction: string | null;
};

/** A plan without groups, which matches nothing. */
export const emptyPlan: QueryPlan = { groups: [], whole: "", correction: null };

/** The vocabulary, synonyms and languages that a query is planned with. */
export type QueryContext = { vocabulary: Vocabulary; synonyms: Synonyms; languages: readonly Language[] };

/**
 * The plans of a query, from narrow to relaxed, none twice: as typed, with acronyms and joined words; corrected and split;
 * then with synonyms. A search takes the first plan that matches enough, so a misspelled query finds what the right spelling
 * finds, and synonyms help where a word matches next to nothing.
 */
export function* queryPlans(
  asked: readonly QueryWord[],
  context: QueryContext,
): Generator<QueryPlan, void, void> {
  const { vocabulary, languages } = context;
  const typed = withoutNoiseWords(asked, context)
    .map((word) => withUmlauts(word, context))
    .map((word) => withoutChanceStems(word, vocabulary));
  const narrow = narrowGroups(typed, context);
  const whole = asked.map(({ folded }) => folded).join("");
  yield { groups: withWholeId(narrow, whole, vocabulary), whole, correction: null };
  const meant = correctSpelling(typed, vocabulary, languages);
  const isCorrected = meant.some((word, at) => word !== typed[at]);
  const surfaceForm = joinSurfaceForms(meant);
  const correction = surfaceForm === joinSurfaceForms(typed) ? null : surfaceForm;
  const corrected = isCorrected ? narrowGroups(meant, context) : narrow;
  if (isCorrected) yield { groups: corrected, whole, correction };
  const wide = wideGroups(meant, context);
  if (sizeOf(wide) > sizeOf(corrected)) yield { groups: wide, whole, correction };
}

/** Drops noise words: "best" is rare in a shop and would outweigh the product type. They stay where no type is named, as in a brand's name. */
function withoutNoiseWords(words: readonly QueryWord[], context: QueryContext): readonly QueryWord[] {
  const { vocabulary, languages } = context;
  const rest = words.filter(({ folded }) => !languages.some((language) => isNoiseWord(folded, language)));
  if (rest.length === words.length || rest.length === 0) return words;
  const namesType = rest.some((word) => namesProductType(wideGroups([word], context), vocabulary));
  return namesType ? rest : words;
}

/** No synonyms, except where only a synonym is a product type of this shop (*laptop* → *notebook*): the query means the type, not its accessories. */
function narrowGroups(words: readonly QueryWord[], context: QueryContext): Alternative[][] {
  const groups = alternativesOf(words, context);
  if (groups.length === 0 || namesProductType(groups, context.vocabulary)) return groups;
  const wide = wideGroups(words, context);
  return namesProductType(wide, context.vocabulary) ? wide : groups;
}

function wideGroups(words: readonly QueryWord[], context: QueryContext): Alternative[][] {
  const groups = alternativesOf(words, context);
  addSynonyms(words, groups, context.synonyms);
  return groups;
}

function namesProductType(groups: readonly Alternative[][], vocabulary: Vocabulary): boolean {
  return (
    groups.at(-1)?.some(({ terms }) => vocabulary.isTypeNoun(vocabulary.idOf(terms.at(-1) ?? ""))) ?? false
  );
}

// A product with this id outranks all that merely contain the number.
function withWholeId(groups: Alternative[][], whole: string, vocabulary: Vocabulary): Alternative[][] {
  const term = wholeIdTerm(whole);
  if (vocabulary.idOf(term) === 0) return groups;
  return groups.map((group) => [...group, { terms: [term], weight: overridingWeight }]);
}

function sizeOf(groups: readonly Alternative[][]): number {
  return groups.reduce((sum, group) => sum + group.length, 0);
}

function joinSurfaceForms(words: readonly QueryWord[]): string {
  return words
    .map(({ surfaceForm }) => surfaceForm)
    .filter((surfaceForm) => surfaceForm !== "")
    .join(" ");
}

function alternativesOf(
  words: readonly QueryWord[],
  { vocabulary, languages }: QueryContext,
): Alternative[][] {
  const groups = words.map((word) => {
    const parted = splitPhrase(word, vocabulary, languages);
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

function addSynonyms(words: readonly QueryWord[], groups: Alternative[][], synonyms: Synonyms): void {
  for (let from = 0; from < words.length; from++) {
    for (let length = 1; length <= Math.min(4, words.length - from); length++) {
      const phrase = words.slice(from, from + length).map(mainStem);
      const joined = length === 2 ? [(words[from]?.folded ?? "") + (phrase[1] ?? "")] : [];
      for (const key of [phrase.join(" "), ...joined]) {
        for (const terms of synonyms.get(key) ?? []) {
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

const synonymWeight = 1;
/** Above every other score with all bonuses. */
const overridingWeight = 50;
const otherCorrectionWeight = 0.8;

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

function mainStem(word: QueryWord): string {
  return word.stems[0] ?? word.folded;
}
