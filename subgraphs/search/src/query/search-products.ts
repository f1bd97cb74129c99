import type { Hit, SearchRequest, SearchResult } from "../engine/engine.ts";
import type { Match, RankedDocument, SearchIndex } from "../engine/search-index.ts";
import { candidateCount, fillUpBelow, relaxBelow } from "../ranking/limits.ts";
import { browseScores, preferenceBonus } from "../ranking/preferences.ts";
import { isExactly, rank } from "../ranking/rank.ts";
import { highlight } from "../text/highlight.ts";
import { emptyPlan, queryPlans, type QueryPlan } from "../text/plan-query.ts";
import { queryWordsOf } from "../text/query-words.ts";
import { chooseFacets } from "./facets/choose-facets.ts";
import { sampleSize } from "./facets/facet-values.ts";
import { pageOf, type Ranked } from "./page.ts";

type Found<M extends Match> = {
  plan: QueryPlan;
  match: M;
  candidates: M["candidates"];
  /** The matches of all terms, where matches of any term follow them. */
  whole: M["candidates"] | undefined;
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
  };
}

/** The first plan with enough matches of all terms; where there are few, matches of any term fill up. */
async function findText<M extends Match>(
  index: SearchIndex<M>,
  { query, filters }: SearchRequest,
): Promise<Found<M>> {
  const { plan, match: all } = await relaxed(index, query, filters);
  if (all.total >= fillUpBelow || plan.groups.length < 2)
    return { plan, match: all, candidates: all.candidates, whole: undefined };
  const whole = all.candidates;
  const any = await index.match(plan, "any term", filters, candidateCount);
  const ids = new Set(whole.map(({ id }) => id));
  const more = any.candidates.filter(({ id }) => !ids.has(id));
  return { plan, match: any, candidates: [...whole, ...more].slice(0, candidateCount), whole };
}

async function relaxed<M extends Match>(
  index: SearchIndex<M>,
  query: string,
  filters: SearchRequest["filters"],
): Promise<{ plan: QueryPlan; match: M }> {
  let found: { plan: QueryPlan; match: M } | undefined;
  for (const plan of queryPlans(queryWordsOf(query, index.languages), index)) {
    found = { plan, match: await index.match(plan, "all terms", filters, candidateCount) };
    if (found.match.total >= relaxBelow) break;
  }
  return found ?? { plan: emptyPlan, match: await index.match(emptyPlan, "all terms", filters, 0) };
}

/** All products. The most popular are ranked where there are preferences, and else the sample for facets. */
async function browse<M extends Match>(
  index: SearchIndex<M>,
  { filters, preferences, wantsFacets }: SearchRequest,
): Promise<Found<M>> {
  const match = await index.matchAll(filters, preferences || wantsFacets ? candidateCount : 0);
  const candidates = preferences ? match.candidates : match.candidates.slice(0, sampleSize);
  return { plan: emptyPlan, match, candidates, whole: undefined };
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
