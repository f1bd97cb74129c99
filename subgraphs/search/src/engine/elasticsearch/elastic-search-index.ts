import type { Client, estypes } from "@elastic/elasticsearch";
import type { QueryContext } from "../../text/query-plan.ts";
import type { Category } from "../engine.ts";
import type { SearchIndex } from "../search-index.ts";
import { completeNames } from "./complete-names.ts";
import { readAttributeKeyword } from "./elastic-document.ts";
import { canBeCounted, facetAggregations, readCounts } from "./elastic-facets.ts";
import {
  allBut,
  byStaticRank,
  filterQueries,
  isLive,
  textQuery,
  type ElasticMatch,
} from "./elastic-query.ts";
import { asCompactHits, compactHits, documentsOf, type DocumentCache } from "./ranked-documents.ts";
import { sortedPage } from "./sorted-page.ts";

/** The index with this instance's copy of its vocabulary and categories. */
export type Searched = QueryContext & {
  client: Client;
  index: string;
  documents: DocumentCache;
  categories: ReadonlyMap<string, Category>;
  shopCurrency: string;
};

/** The index in Elasticsearch as a query reads it. */
export function elasticSearchIndex(searched: Searched): SearchIndex<ElasticMatch> {
  const { client, index, vocabulary, synonyms, languages, categories, shopCurrency } = searched;
  return {
    ...{ vocabulary, synonyms, languages },
    async match(plan, filters, limit) {
      const query = textQuery(plan);
      const filter = allBut(filterQueries(filters, shopCurrency));
      const { hits, aggregations } = await client.search<
        unknown,
        { all: estypes.AggregationsFilterAggregate }
      >({
        ...{ index, size: limit, ...asCompactHits },
        query: { bool: { must: [query], filter: [isLive] } },
        post_filter: filter,
        aggs: { all: { filter: { match_all: {} } } },
        // By id, since the choice among equal scores must not depend on the last write: pages would lose products.
        sort: ["_score", { id: "asc" }],
        track_total_hits: true,
      });
      const total = aggregations?.all.doc_count ?? 0;
      return { candidates: compactHits(hits), total, passing: countOf(hits.total), query, filter };
    },
    async matchAll(filters, limit) {
      const filter = allBut(filterQueries(filters, shopCurrency));
      const { hits } = await client.search({
        ...{ index, size: limit, ...asCompactHits },
        query: { bool: { filter: [isLive, filter] } },
        sort: byStaticRank,
        track_total_hits: true,
      });
      const passing = countOf(hits.total);
      return { candidates: compactHits(hits), total: passing, passing, query: { match_all: {} }, filter };
    },
    documents: (candidates) => documentsOf(searched, candidates),
    sortedPage: (match, page) => sortedPage(searched, match, page),
    attributeName: (attribute) => readAttributeKeyword(String(attribute)).key,
    isChoice: canBeCounted,
    async countFacets({ query }, filters, attributes) {
      const { aggregations } = await client.search({
        ...{ index, size: 0 },
        query: { bool: { filter: [isLive, query] } },
        aggs: facetAggregations(attributes, filters, filterQueries(filters, shopCurrency), shopCurrency),
      });
      return readCounts(aggregations ?? {}, attributes, categories);
    },
    completeNames: (typed, size) => completeNames(searched, typed, size),
    categories: () => categories.values(),
  };
}

function countOf(total: number | estypes.SearchTotalHits | undefined): number {
  return typeof total === "number" ? total : (total?.value ?? 0);
}
