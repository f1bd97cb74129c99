import { highlight } from "../analysis/highlight.ts";
import type { Language } from "../analysis/language.ts";
import { planQuery, type QueryPlan } from "../analysis/plan-query.ts";
import { queryWordsOf } from "../analysis/query-words.ts";
import type { Synonyms } from "../analysis/synonyms.ts";
import type { Hit, SearchRequest, SearchResult } from "../engine.ts";
import { candidateCount, enough, few } from "../ranking/limits.ts";
import { rank } from "../ranking/rank.ts";
import { countFacets } from "./count-facets.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { failedFilters, type FailedFilters } from "./filter-rows.ts";
import type { Matcher, Matches } from "./match-rows.ts";
import { orderRows, type Placed } from "./order-rows.ts";

/** What is needed to answer. */
export type Searcher = {
  index: EmbeddedIndex;
  matcher: Matcher;
  synonyms: Synonyms;
  spoken: readonly Language[];
};

type Found = {
  plan: QueryPlan;
  matches: Matches;
  candidates: number[];
  /** Rows that have all words, when others follow them. */
  whole: ReadonlySet<number> | undefined;
};

/** One search: match, rank, order, count, mark. */
export function searchIndex(searcher: Searcher, request: SearchRequest): SearchResult {
  const { index } = searcher;
  const check = failedFilters(request.filters, index.columns, index.traits);
  const words = queryWordsOf(request.query, searcher.spoken);
  const hasText = request.query.trim() !== "";
  const found = hasText ? findText(searcher, words, check) : findAll(index, check);
  const scores = hasText ? scoresOf(found, index) : new Map<number, number>();
  const { page, hasNextPage } = orderRows(found.matches, found.whole, scores, request, index.columns);
  const titles = index.titlesOf(page.map(({ row }) => row));
  return {
    hits: page.map((placed) => hitOf(placed, titles.get(placed.row) ?? "", found.plan, searcher)),
    hasNextPage,
    totalCount: passing(found.matches),
    facets: request.wantsFacets ? countFacets(found.matches, found.candidates, request.filters, index) : [],
    didYouMean: found.matches.length > 0 ? found.plan.correction : null,
  };
}

function findText(
  { index, matcher, synonyms, spoken }: Searcher,
  words: ReturnType<typeof queryWordsOf>,
  check: FailedFilters,
): Found {
  const knowledge = { lexicon: index.lexicon, synonyms, spoken };
  let plan = planQuery(words, knowledge, "plain");
  let found = matcher.match(plan, "all terms", check);
  if (found.matches.length < few) {
    plan = planQuery(words, knowledge, "wide");
    found = matcher.match(plan, "all terms", check);
  }
  if (found.matches.length >= enough || plan.groups.length < 2) return { plan, ...found, whole: undefined };
  const whole = new Set(found.matches.rows);
  const { matches, candidates } = matcher.match(plan, "any term", check);
  const more = candidates.filter((row) => !whole.has(row));
  return { plan, matches, candidates: [...found.candidates, ...more].slice(0, candidateCount), whole };
}

function findAll({ columns }: EmbeddedIndex, check: FailedFilters): Found {
  const rows = new Int32Array(columns.liveRows);
  const failed = new Int32Array(columns.liveRows);
  const candidates: number[] = [];
  let length = 0;
  for (let row = 1; row <= columns.rows; row++) {
    if (columns.isLive[row] !== 1) continue;
    rows[length] = row;
    const fails = check(row);
    failed[length++] = fails;
    if (fails === 0 && candidates.length < candidateCount) candidates.push(row);
  }
  const matches = { rows, failed, length };
  return { plan: { groups: [], correction: null }, matches, candidates, whole: undefined };
}

function scoresOf({ plan, candidates }: Found, index: EmbeddedIndex): Map<number, number> {
  const tokens = candidates.map((row) => index.tokensOf(row));
  const scores = rank(plan, tokens, index.lexicon);
  return new Map(candidates.map((row, at) => [row, scores[at] ?? 0]));
}

function passing({ failed, length }: Matches): number {
  let count = 0;
  for (let at = 0; at < length; at++) if (failed[at] === 0) count++;
  return count;
}

function hitOf(
  { row, keys, score }: Placed,
  title: string,
  plan: QueryPlan,
  { index, spoken }: Searcher,
): Hit {
  const id = index.columns.ids[row] ?? "";
  return { id, score, place: { keys, id }, highlight: highlight(title, plan, spoken) };
}
