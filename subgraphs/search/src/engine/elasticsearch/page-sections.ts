import type { Client, estypes } from "@elastic/elasticsearch";
import type { Place, SearchRequest } from "../engine.ts";
import type { ElasticDocument } from "./elastic-document.ts";
import { isLive } from "./elastic-query.ts";

type Query = estypes.QueryDslQueryContainer;

/** A ranked match. */
export type Candidate = { id: string; title: string; isInStock: boolean; publishedAt: number; score: number };

/** An entry of a page. */
export type Entry = { id: string; title: string; score: number; place: Place };

type Results = {
  query: Query;
  filter: Query;
  candidates: readonly Candidate[];
  /** Of the matches that pass all filters. */
  totalCount: number;
  whole: ReadonlySet<string> | undefined;
};

type Section = { isWhole: boolean | undefined; isInStock: boolean };

const noPriceKey = 2 ** 52;
const farthest = "9223372036854775807";

/**
 * A page over sections: matches of all terms before those of any term, in each the products in stock before those that are
 * not; by relevance the ranked candidates first, then the rest by static rank. A place is [section, 0 for ranked or 1 for the
 * rest, key] and the id.
 */
export async function pageOf(
  searcher: { client: Client; index: string; shopCurrency: string },
  request: SearchRequest,
  results: Results,
): Promise<{ hits: Entry[]; hasNextPage: boolean }> {
  const wholes = results.whole ? [true, false] : [undefined];
  const sections = wholes.flatMap((isWhole) =>
    [true, false].map((isInStock): Section => ({ isWhole, isInStock })),
  );
  const [from = 0, part = 0] = request.after?.keys ?? [];
  const wanted = request.size + 1;
  const entries: Entry[] = [];
  const isByRank = request.sort === "RELEVANCE";
  const isAllRanked = isByRank && results.totalCount <= results.candidates.length;
  for (let at = Math.max(0, Math.floor(from)); at < sections.length && entries.length < wanted; at++) {
    const section = sections[at];
    if (!section) break;
    const after = at === from ? request.after : undefined;
    if (isByRank && !(after && part === 1)) entries.push(...rankedEntries(at, section, results, after));
    if (entries.length >= wanted) break;
    // All matches of all terms are candidates, if others follow them.
    if (isAllRanked || (isByRank && section.isWhole === true)) continue;
    const restAfter = after && (!isByRank || part === 1) ? after : undefined;
    entries.push(
      ...(await rest(searcher, request, results, at, section, restAfter, wanted - entries.length)),
    );
  }
  return { hits: entries.slice(0, request.size), hasNextPage: entries.length > request.size };
}

function rankedEntries(at: number, section: Section, results: Results, after: Place | undefined): Entry[] {
  const ordered = results.candidates
    .filter(({ id, isInStock }) => isInStock === section.isInStock && isOfSection(id, section, results))
    .sort(
      (one, other) =>
        other.score - one.score || other.publishedAt - one.publishedAt || (one.id < other.id ? -1 : 1),
    )
    .map(({ id, title, score }) => ({ id, title, score, place: { keys: [at, 0, -score], id } }));
  if (!after) return ordered;
  const there = ordered.findIndex(({ id }) => id === after.id);
  if (there >= 0) return ordered.slice(there + 1);
  const key = after.keys[2] ?? 0;
  return ordered.filter(({ score, id }) => -score > key || (-score === key && id > after.id));
}

function isOfSection(id: string, { isWhole }: Section, { whole }: Results): boolean {
  return isWhole === undefined || whole?.has(id) === isWhole;
}

async function rest(
  { client, index, shopCurrency }: { client: Client; index: string; shopCurrency: string },
  request: SearchRequest,
  { query, filter, candidates, whole }: Results,
  at: number,
  { isWhole, isInStock }: Section,
  after: Place | undefined,
  size: number,
): Promise<Entry[]> {
  const wholeIds = [...(whole ?? [])];
  // Products of an earlier section must not come twice: the candidates, or the matches of all terms.
  const left =
    request.sort === "RELEVANCE" ? candidates.map(({ id }) => id) : isWhole === false ? wholeIds : [];
  const only: Query[] = isWhole === true ? [{ ids: { values: wholeIds } }] : [];
  const key = sortOf(request, shopCurrency);
  const { hits } = await client.search<Pick<ElasticDocument, "id" | "title">>({
    index,
    size,
    query: {
      bool: {
        filter: [isLive, query, filter, { term: { in_stock: isInStock } }, ...only],
        must_not: left.length > 0 ? [{ ids: { values: left } }] : [],
      },
    },
    sort: [key, { id: "asc" }],
    ...(after && { search_after: [searchAfter(after.keys[2] ?? 0), after.id] }),
    track_total_hits: false,
    _source: ["id", "title"],
  });
  return hits.hits.flatMap(({ _source, sort }) => {
    if (!_source) return [];
    const value = Number(sort?.[0] ?? 0);
    const place = {
      keys: [at, 1, Math.abs(value) > noPriceKey ? Math.sign(value) * noPriceKey : value],
      id: _source.id,
    };
    const score = candidates.find(({ id }) => id === _source.id)?.score ?? 0;
    return [{ id: _source.id, title: _source.title, score, place }];
  });
}

// A product without a price has the largest long as its sort value, which JavaScript's numbers can't hold.
function searchAfter(key: number): number | string {
  if (Math.abs(key) < noPriceKey) return key;
  return key > 0 ? farthest : `-9223372036854775808`;
}

function sortOf({ sort, filters }: SearchRequest, shopCurrency: string): estypes.SortCombinations {
  switch (sort) {
    case "PRICE_ASC":
    case "PRICE_DESC": {
      const order = sort === "PRICE_ASC" ? "asc" : "desc";
      return {
        [`price.${filters.currency ?? shopCurrency}`]: { order, missing: "_last", unmapped_type: "long" },
      };
    }
    case "RATING":
      return { rating: { order: "desc", missing: 0, unmapped_type: "float" } };
    case "NEWEST":
      return { published_at: { order: "desc" } };
    case "RELEVANCE":
      return { standing: { order: "desc", unmapped_type: "long" } };
  }
}
