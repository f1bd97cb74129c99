import type { Client, estypes } from "@elastic/elasticsearch";
import type { Sort } from "../engine.ts";
import { noPriceKey, staticKeyOf, type SortedEntry, type SortedPage } from "../search-index.ts";
import type { ElasticDocument } from "./elastic-document.ts";
import { isLive, type ElasticMatch } from "./elastic-query.ts";

type Query = estypes.QueryDslQueryContainer;

/** Passing matches by a sort key, then by id. */
export async function sortedPage(
  { client, index, shopCurrency }: { client: Client; index: string; shopCurrency: string },
  { query, filter }: Pick<ElasticMatch, "query" | "filter">,
  { sort, currency, isInStock, exclude, after, size }: SortedPage<ElasticMatch>,
): Promise<SortedEntry[]> {
  const idsOf = (hits: ElasticMatch["candidates"]): Query => ({ ids: { values: hits.map(({ id }) => id) } });
  const { hits } = await client.search<Pick<ElasticDocument, "id" | "version" | "title">>({
    ...{ index, size },
    query: {
      bool: {
        filter: [isLive, query, filter, { term: { in_stock: isInStock } }],
        must_not: exclude?.length ? [idsOf(exclude)] : [],
      },
    },
    sort: [sortOf(sort, `price.${currency ?? shopCurrency}`), { id: "asc" }],
    ...(after && { search_after: [sortValueOf(sort, after.key), after.id] }),
    track_total_hits: false,
    _source: ["id", "version", "title"],
  });
  return hits.hits.flatMap(({ _source: source, sort: values }) => {
    if (!source) return [];
    const key = keyOf(sort, Number(values?.[0] ?? 0));
    return [{ id: source.id, version: source.version, title: { text: source.title }, key }];
  });
}

function sortOf(sort: Sort, price: string): estypes.SortCombinations {
  switch (sort) {
    case "PRICE_ASC":
      return { [price]: { order: "asc", missing: "_last", unmapped_type: "long" } };
    case "PRICE_DESC":
      return { [price]: { order: "desc", missing: "_last", unmapped_type: "long" } };
    case "RATING":
      return { rating: { order: "desc", missing: 0, unmapped_type: "float" } };
    case "NEWEST":
      return { published_at: { order: "desc" } };
    case "RELEVANCE":
      return { standing: { order: "desc", unmapped_type: "long" } };
  }
}

// A product without a price has the largest or smallest long as its sort value, which JavaScript's numbers can't hold.
function keyOf(sort: Sort, value: number): number {
  if (sort === "RELEVANCE") return staticKeyOf(value);
  return Math.min(noPriceKey, sort === "PRICE_ASC" ? value : -value);
}

/** The sort value of a key; that of a forged key is within the bounds of a long. */
function sortValueOf(sort: Sort, forgeable: number): number | string {
  const key = Math.max(-noPriceKey, Math.min(noPriceKey, forgeable));
  if (sort === "RATING") return -key;
  if (sort === "RELEVANCE") return staticKeyOf(Math.round(key));
  if (sort === "PRICE_ASC") return key === noPriceKey ? "9223372036854775807" : Math.round(key);
  return key === noPriceKey ? "-9223372036854775808" : -Math.round(key);
}
