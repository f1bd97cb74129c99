import { isNoiseWord } from "./language.ts";
import { wholeIdTerm } from "./special-terms.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { QueryWord } from "./query-words.ts";
import { correctSpelling, withoutChanceStems, withUmlauts } from "./correct-spelling.ts";
import { joinedCompounds } from "./joined-compounds.ts";
import { addSynonyms, alternativesOf, overridingWeight, withFeatures } from "./query-alternatives.ts";
import { headOf, namesType } from "./query-head.ts";
import type { Alternative, QueryContext, QueryPlan } from "./query-plan.ts";

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
  const typed = joinedCompounds(withoutNoiseWords(asked, context), vocabulary)
    .map((word) => withUmlauts(word, context))
    .map((word) => withoutChanceStems(word, vocabulary));
  const narrow = narrowGroups(typed, context);
  const whole = asked.map(({ folded }) => folded).join("");
  yield planOf(typed, withWholeId(narrow, whole, vocabulary), null);
  const meant = correctSpelling(typed, vocabulary, languages);
  const isCorrected = meant.some((word, at) => word !== typed[at]);
  const surfaceForm = joinSurfaceForms(meant);
  const correction = surfaceForm === joinSurfaceForms(typed) ? null : surfaceForm;
  const corrected = isCorrected ? narrowGroups(meant, context) : narrow;
  if (isCorrected) yield planOf(meant, corrected, correction);
  const wide = wideGroups(meant, context);
  if (sizeOf(wide) > sizeOf(corrected)) yield planOf(meant, wide, correction);

  function planOf(words: readonly QueryWord[], groups: Alternative[][], corrected: string | null): QueryPlan {
    const head = headOf(words, groups, vocabulary);
    return {
      groups: withFeatures(words, groups, head, vocabulary),
      words,
      head,
      required: undefined,
      whole,
      correction: corrected,
    };
  }
}

/** Drops noise words: "best" is rare in a shop and would outweigh the product type. They stay where no type is named, as in a brand's name. */
function withoutNoiseWords(words: readonly QueryWord[], context: QueryContext): readonly QueryWord[] {
  const { vocabulary, languages } = context;
  const rest = words.filter(({ folded }) => !languages.some((language) => isNoiseWord(folded, language)));
  if (rest.length === words.length || rest.length === 0) return words;
  const namesType = rest.some((word) => namesProductType(wideGroups([word], context), vocabulary));
  return namesType ? rest : words;
}

/** No synonyms, except where the shop calls the thing otherwise (*laptop* → *notebook*): the query means the type, not its accessories. */
function narrowGroups(words: readonly QueryWord[], context: QueryContext): Alternative[][] {
  const groups = alternativesOf(words, context);
  if (groups.length === 0) return groups;
  const wide = wideGroups(words, context);
  const head = words.findLastIndex(({ isComplement }) => !isComplement);
  const [typed, called] = [groups, wide].map((each) => timesNamed(each[head] ?? [], context.vocabulary));
  return (called ?? 0) > (typed ?? 0) * overwhelmingly ? wide : groups;
}

/** How many times more products must be called by a synonym. */
const overwhelmingly = 5;

/** How many products are called by a word of the group. */
function timesNamed(group: readonly Alternative[], vocabulary: Vocabulary): number {
  const ids = group.map(({ terms }) => vocabulary.idOf(terms.at(-1) ?? ""));
  return Math.max(0, ...ids.map((id) => (vocabulary.isTypeNoun(id) ? vocabulary.timesNamed(id) : 0)));
}

function wideGroups(words: readonly QueryWord[], context: QueryContext): Alternative[][] {
  const groups = alternativesOf(words, context);
  addSynonyms(words, groups, context.synonyms);
  return groups;
}

function namesProductType(groups: readonly Alternative[][], vocabulary: Vocabulary): boolean {
  return namesType(groups.at(-1) ?? [], vocabulary);
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
