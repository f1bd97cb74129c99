import type { Hit, SearchRequest, SearchResult } from "../engine/engine.ts";
import type { Match, RankedDocument, SearchIndex } from "../engine/search-index.ts";
import { candidateCount, fillUpBelow, relaxBelow } from "../ranking/limits.ts";
import { browseScores, preferenceBonus } from "../ranking/preferences.ts";
import { countThings, isExactly, rank } from "../ranking/rank.ts";
import { highlight } from "../text/highlight.ts";
import { queryPlans } from "../text/plan-query.ts";
import { emptyPlan, type QueryPlan } from "../text/query-plan.ts";
import { namePlans, relaxedPlan, relaxedWords } from "../text/relax-plan.ts";
import { queryWordsOf } from "../text/query-words.ts";
import { chooseFacets } from "./facets/choose-facets.ts";
import { sampleSize } from "./facets/facet-values.ts";
import { pageOf, type Ranked } from "./page.ts";

type Found<M extends Match> = {
  plan: QueryPlan;
  match: M;
  candidates: M["candidates"];
};

/** One search, on either engine: plan, match, relax, rank, page, count facets, highlight. */
export async function searchProducts<M extends Match>(
  index: SearchIndex<M>,
  request: SearchRequest,
): Promise<SearchResult> {
  const hasText = request.query.trim() !== "";
  const found = hasText ? await findText(index, request) : await browse(index, request);
  const documents = await index.documents(found.candidates);
  const scores = hasText
    ? textScores(index, found.plan, documents, request)
    : browseScoresOf(documents, request);
  const ranked = documents.flatMap((document, at): Ranked[] => {
    const score = scores[at];
    return score === undefined ? [] : [{ document, score }];
  });
  const [page, facets] = await Promise.all([
    pageOf(index, request, { ...found, ranked }),
    request.wantsFacets ? chooseFacets(index, found.match, documents, request.filters) : [],
  ]);
  const { correction } = found.plan;
  return {
    hits: page.entries.map(({ score, place, shown }): Hit => {
      const { text, chunks } = shown.title;
      return { id: place.id, score, place, highlight: highlight(text, found.plan, index.languages, chunks) };
    }),
    hasNextPage: page.hasNextPage,
    totalCount: found.match.passing,
    facets,
    didYouMean: found.match.total > 0 ? correction : null,
    relaxed: found.match.total > 0 ? relaxedWords(found.plan) : null,
  };
}

/** The first plan that finds enough; where none does, the last one, relaxed. */
async function findText<M extends Match>(
  index: SearchIndex<M>,
  { query, filters }: SearchRequest,
): Promise<Found<M>> {
  let plan = emptyPlan;
  let match = await index.match(plan, filters, 0);
  let found = 0;
  for (plan of queryPlans(queryWordsOf(query, index.languages), index)) {
    match = await index.match(plan, filters, candidateCount);
    found = await thingsIn(index, plan, filters, match);
    if (found >= relaxBelow) break;
  }
  const isFew = found < fillUpBelow;
  const relaxed = isFew ? relaxedPlan(plan, index, await isNameOfTwo(index, plan)) : undefined;
  // A match is valid until the next one, which one of these questions may have made.
  if (isFew || hasFilters(filters)) match = await index.match(relaxed ?? plan, filters, candidateCount);
  return { plan: relaxed ?? plan, match, candidates: match.candidates };
}

/** Whether much of what has the noun in its name has it behind the same word: without "memory", a "memory stick" is another thing. */
async function isNameOfTwo(index: SearchIndex, plan: QueryPlan): Promise<boolean> {
  const plans = namePlans(plan);
  if (!plans) return false;
  const { total: both } = await index.match(plans.both, {}, 0);
  const { total: noun } = await index.match(plans.noun, {}, 0);
  return both >= fewestOfName && both * 4 >= noun;
}

/** Fewer may have the two words side by side by chance. */
const fewestOfName = 3;

/** How many matches are what the query names, whatever the filters: these must not change how a query is read. Many are enough. */
async function thingsIn<M extends Match>(
  index: SearchIndex<M>,
  plan: QueryPlan,
  filters: SearchRequest["filters"],
  match: M,
): Promise<number> {
  if (match.total >= candidateCount || match.total < relaxBelow) return match.total;
  const all = hasFilters(filters) ? await index.match(plan, {}, candidateCount) : match;
  const documents = await index.documents(all.candidates);
  return countThings(
    plan,
    documents.map(({ tokens }) => tokens),
    index.vocabulary,
  );
}

function hasFilters(filters: SearchRequest["filters"]): boolean {
  return Object.keys(filters).some((name) => name !== "currency");
}

/** All products. The most popular are ranked where there are preferences, and else the sample for facets. */
async function browse<M extends Match>(
  index: SearchIndex<M>,
  { filters, preferences, wantsFacets }: SearchRequest,
): Promise<Found<M>> {
  const match = await index.matchAll(filters, preferences || wantsFacets ? candidateCount : 0);
  const candidates = preferences ? match.candidates : match.candidates.slice(0, sampleSize);
  return { plan: emptyPlan, match, candidates };
}

function textScores(
  { vocabulary }: SearchIndex,
  plan: QueryPlan,
  documents: readonly RankedDocument[],
  { preferences }: SearchRequest,
): number[] {
  const scores = rank(
    plan,
    documents.map(({ tokens }) => tokens),
    vocabulary,
  );
  if (!preferences) return scores;
  return documents.map((document, at) => {
    const isExact = isExactly(plan, document.tokens, vocabulary);
    return (scores[at] ?? 0) + preferenceBonus(preferences, document, isExact);
  });
}

/** Without preferences nothing is ranked: the static rank decides. */
function browseScoresOf(documents: readonly RankedDocument[], { preferences }: SearchRequest): number[] {
  if (!preferences) return [];
  return browseScores(documents.length, (at) => {
    const document = documents[at];
    return document ? preferenceBonus(preferences, document, false) : 0;
  });
}
