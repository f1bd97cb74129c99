import type { Client, estypes } from "@elastic/elasticsearch";
import { highlight } from "../../text/highlight.ts";
import type { Language } from "../../text/language.ts";
import type { Vocabulary } from "../../text/vocabulary.ts";
import { emptyPlan, queryPlans, type QueryPlan } from "../../text/plan-query.ts";
import { queryWordsOf } from "../../text/query-words.ts";
import type { Synonyms } from "../../text/synonyms.ts";
import type { Category, Hit, SearchRequest, SearchResult, Preferences } from "../engine.ts";
import { sampleSize } from "../../query/facets/facet-values.ts";
import { candidateCount, fillUpBelow, relaxBelow } from "../../ranking/limits.ts";
import { preferenceBonus, browseScores } from "../../ranking/preferences.ts";
import { isExactly, rank } from "../../ranking/rank.ts";
import type { ElasticDocument } from "./elastic-document.ts";
import { facetAggregations, facetAttributes, readFacets } from "./elastic-facets.ts";
import { allBut, filterQueries, isLive, textQuery } from "./elastic-query.ts";
import { pageOf, type Candidate } from "./page-sections.ts";
import {
  compactHits,
  asCompactHits,
  documentsOf,
  type CompactHit,
  type DocumentCache,
} from "./ranked-documents.ts";

type Query = estypes.QueryDslQueryContainer;

/** The index with all that a search needs. */
export type ElasticSearcher = {
  client: Client;
  index: string;
  vocabulary: Vocabulary;
  documents: DocumentCache;
  categories: Map<string, Category>;
  synonyms: Synonyms;
  languages: readonly [Language, ...Language[]];
  shopCurrency: string;
};

type Found = {
  plan: QueryPlan;
  query: Query;
  candidates: Candidate[];
  /** Of the matches that pass all filters. */
  totalCount: number;
  /** The number of matches regardless of filters. */
  unfiltered: number;
  /** The ids of the matches of all terms, if others follow them. */
  whole: ReadonlySet<string> | undefined;
  /** Attribute values of the best matches; undefined if nothing was ranked. */
  sample: string[][] | undefined;
};

/** One search: Elasticsearch matches and filters; ranking and order are made here, by the ranking that all engines share. */
export async function searchElastic(
  searcher: ElasticSearcher,
  request: SearchRequest,
): Promise<SearchResult> {
  const queries = filterQueries(request.filters, searcher.shopCurrency);
  const filter = allBut(queries);
  const found = await (request.query.trim() === ""
    ? findAll(searcher, request, filter)
    : findText(searcher, request, filter));
  const [page, facets] = await Promise.all([
    pageOf(searcher, request, { ...found, filter }),
    request.wantsFacets ? countFacets(searcher, request, found, queries) : [],
  ]);
  return {
    hits: page.hits.map((hit): Hit => ({
      id: hit.id,
      score: hit.score,
      place: hit.place,
      highlight: highlight(hit.title, found.plan, searcher.languages),
    })),
    hasNextPage: page.hasNextPage,
    totalCount: found.totalCount,
    facets,
    didYouMean: found.unfiltered > 0 ? found.plan.correction : null,
  };
}

/** All products; with preferences, the most popular are the candidates. */
async function findAll(
  searcher: ElasticSearcher,
  { preferences, sort }: SearchRequest,
  filter: Query,
): Promise<Found> {
  const { client, index } = searcher;
  const found = {
    ...{ plan: emptyPlan, query: { match_all: {} } },
    ...{ unfiltered: 0, whole: undefined, sample: undefined },
  };
  const query = { bool: { filter: [isLive, filter] } };
  if (!preferences || sort !== "RELEVANCE") {
    const { count } = await client.count({ index, query });
    return { ...found, candidates: [], totalCount: count };
  }
  const { hits } = await client.search({
    index,
    size: candidateCount,
    query,
    sort: [{ in_stock: "desc" }, { standing: { order: "desc", unmapped_type: "long" } }, { id: "asc" }],
    track_total_hits: true,
    ...asCompactHits,
  });
  const documents = await documentsOf(searcher, compactHits(hits));
  const scores = browseScores(documents.length, (at) => {
    const document = documents[at];
    return document ? preferenceBonus(preferences, document, false) : 0;
  });
  const candidates = documents.map((document, at): Candidate => ({ ...document, score: scores[at] ?? 0 }));
  return { ...found, candidates, totalCount: countOf(hits.total) };
}

async function findText(
  searcher: ElasticSearcher,
  { query, preferences }: SearchRequest,
  filter: Query,
): Promise<Found> {
  const words = queryWordsOf(query, searcher.languages);
  let plan = emptyPlan;
  let found: Matched = { query: textQuery(plan, "all terms"), hits: [], unfiltered: 0, totalCount: 0 };
  for (plan of queryPlans(words, searcher)) {
    found = await match(searcher, textQuery(plan, "all terms"), filter);
    if (found.unfiltered >= relaxBelow) break;
  }
  if (found.unfiltered >= fillUpBelow || plan.groups.length < 2)
    return ranked(searcher, plan, preferences, found, undefined);
  const whole = new Set(found.hits.map(({ id }) => id));
  const any = await match(searcher, textQuery(plan, "any term"), filter);
  const more = any.hits.filter(({ id }) => !whole.has(id));
  return ranked(
    searcher,
    plan,
    preferences,
    { ...any, hits: [...found.hits, ...more].slice(0, candidateCount) },
    whole,
  );
}

type Matched = { query: Query; hits: CompactHit[]; unfiltered: number; totalCount: number };

async function match({ client, index }: ElasticSearcher, query: Query, filter: Query): Promise<Matched> {
  const { hits, aggregations } = await client.search<unknown, { all: estypes.AggregationsFilterAggregate }>({
    index,
    size: candidateCount,
    query: { bool: { must: [query], filter: [isLive] } },
    post_filter: filter,
    aggs: { all: { filter: { match_all: {} } } },
    // By id, since the choice among equal scores must not depend on the last write: pages would lose products.
    sort: ["_score", { id: "asc" }],
    track_total_hits: true,
    ...asCompactHits,
  });
  return {
    query,
    hits: compactHits(hits),
    unfiltered: aggregations?.all.doc_count ?? 0,
    totalCount: countOf(hits.total),
  };
}

async function ranked(
  searcher: ElasticSearcher,
  plan: QueryPlan,
  preferences: Preferences | undefined,
  { query, hits, totalCount, unfiltered }: Matched,
  whole: ReadonlySet<string> | undefined,
): Promise<Found> {
  const { vocabulary } = searcher;
  const documents = await documentsOf(searcher, hits);
  const scores = rank(
    plan,
    documents.map(({ tokens }) => tokens),
    vocabulary,
  );
  const candidates = documents.map((document, at): Candidate => {
    const bonus = preferences
      ? preferenceBonus(preferences, document, isExactly(plan, document.tokens, vocabulary))
      : 0;
    return { ...document, score: (scores[at] ?? 0) + bonus };
  });
  const sample = documents.slice(0, sampleSize).map(({ attributeKeywords }) => attributeKeywords);
  return { plan, query, candidates, totalCount, unfiltered, whole, sample };
}

function countOf(total: number | estypes.SearchTotalHits | undefined): number {
  return typeof total === "number" ? total : (total?.value ?? 0);
}

async function countFacets(
  searcher: ElasticSearcher,
  { filters }: SearchRequest,
  { query, sample }: Found,
  queries: ReadonlyMap<string, Query>,
): Promise<SearchResult["facets"]> {
  const { client, index } = searcher;
  const attributes = facetAttributes(sample ?? (await sampleOf(searcher, query, allBut(queries))), filters);
  const { aggregations } = await client.search({
    index,
    size: 0,
    query: { bool: { filter: [isLive, query] } },
    aggs: facetAggregations(attributes, filters, queries, searcher.shopCurrency),
  });
  return readFacets(aggregations ?? {}, attributes, filters, searcher.categories);
}

async function sampleOf(
  { client, index }: ElasticSearcher,
  query: Query,
  filter: Query,
): Promise<string[][]> {
  const { hits } = await client.search<Pick<ElasticDocument, "traits">>({
    index,
    size: sampleSize,
    query: { bool: { filter: [isLive, query, filter] } },
    _source: ["traits"],
  });
  return hits.hits.map(({ _source }) => _source?.traits ?? []);
}
