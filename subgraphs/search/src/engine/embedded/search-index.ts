import { highlight } from "../../text/highlight.ts";
import type { Language } from "../../text/language.ts";
import { emptyPlan, queryPlans, type QueryPlan } from "../../text/plan-query.ts";
import { queryWordsOf } from "../../text/query-words.ts";
import type { Synonyms } from "../../text/synonyms.ts";
import type { Hit, SearchRequest, SearchResult, Preferences } from "../engine.ts";
import { candidateCount, fillUpBelow, relaxBelow } from "../../ranking/limits.ts";
import { preferenceBonus, browseScores } from "../../ranking/preferences.ts";
import { isExactly, rank } from "../../ranking/rank.ts";
import { countFacets } from "./count-facets.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { failedFilters, type FailedFilters } from "./filter-rows.ts";
import type { Matcher, Matches } from "./match-rows.ts";
import type { NameIndex } from "./name-index.ts";
import { sortHits, type Placed } from "./sort-hits.ts";

/** The index with all that a search needs. */
export type Searcher = {
  index: EmbeddedIndex;
  matcher: Matcher;
  nameIndex: NameIndex;
  synonyms: Synonyms;
  languages: readonly Language[];
};

type Found = {
  plan: QueryPlan;
  matches: Matches;
  candidates: number[];
  /** The rows that match all terms, if others follow them. */
  whole: ReadonlySet<number> | undefined;
};

/** One search: match, rank, order, count facets, highlight. */
export function searchIndex(searcher: Searcher, request: SearchRequest): SearchResult {
  const { index } = searcher;
  const check = failedFilters(request.filters, index.columns, index.attributeValues);
  const words = queryWordsOf(request.query, searcher.languages);
  const hasText = request.query.trim() !== "";
  const found = hasText ? findText(searcher, words, check) : findAll(searcher, check);
  const scores = hasText
    ? textScores(found, request.preferences, index)
    : browsed(found, request.preferences, index);
  const { page, hasNextPage } = sortHits(found.matches, found.whole, scores, request, index);
  return {
    hits: page.map((placed) => hitOf(placed, found.plan, searcher)),
    hasNextPage,
    totalCount: found.matches.passing,
    facets: request.wantsFacets ? countFacets(found.matches, found.candidates, request.filters, index) : [],
    didYouMean: found.matches.length > 0 ? found.plan.correction : null,
  };
}

function findText(
  { index, matcher, synonyms, languages }: Searcher,
  words: ReturnType<typeof queryWordsOf>,
  check: FailedFilters,
): Found {
  const context = { vocabulary: index.vocabulary, synonyms, languages };
  let plan = emptyPlan;
  let found = matcher.match(plan, "all terms", check);
  for (plan of queryPlans(words, context)) {
    found = matcher.match(plan, "all terms", check);
    if (found.matches.length >= relaxBelow) break;
  }
  if (found.matches.length >= fillUpBelow || plan.groups.length < 2)
    return { plan, ...found, whole: undefined };
  const whole = new Set(found.matches.rows);
  const { matches, candidates } = matcher.match(plan, "any term", check);
  const more = candidates.filter((row) => !whole.has(row));
  return { plan, matches, candidates: [...found.candidates, ...more].slice(0, candidateCount), whole };
}

/** All products; the candidates are the most popular. */
function findAll({ matcher }: Searcher, check: FailedFilters): Found {
  return { plan: emptyPlan, ...matcher.matchAll(check), whole: undefined };
}

function textScores(
  { plan, candidates }: Found,
  preferences: Preferences | undefined,
  index: EmbeddedIndex,
): Map<number, number> {
  const { vocabulary, columns } = index;
  const tokens = candidates.map((row) => index.tokensOf(row));
  const scores = rank(plan, tokens, vocabulary);
  return new Map(
    candidates.map((row, at) => {
      const own = tokens[at];
      const bonus =
        preferences && own
          ? preferenceBonus(preferences, columns.preferenceKeysOf(row), isExactly(plan, own, vocabulary))
          : 0;
      return [row, (scores[at] ?? 0) + bonus];
    }),
  );
}

function browsed(
  { candidates }: Found,
  preferences: Preferences | undefined,
  { columns }: EmbeddedIndex,
): Map<number, number> {
  if (!preferences) return new Map();
  const bonus = (at: number) =>
    preferenceBonus(preferences, columns.preferenceKeysOf(candidates[at] ?? 0), false);
  const scores = browseScores(candidates.length, bonus);
  return new Map(candidates.map((row, at) => [row, scores[at] ?? 0]));
}

function hitOf({ row, place, score }: Placed, plan: QueryPlan, { index, languages }: Searcher): Hit {
  const { text, chunks } = index.titleOf(row);
  return { id: place.id, score, place, highlight: highlight(text, plan, languages, chunks) };
}
