import type { Client, estypes } from "@elastic/elasticsearch";
import type { CompletedNames, TypedName } from "../search-index.ts";
import type { ElasticDocument } from "./elastic-document.ts";
import { byStaticRank, isLive } from "./elastic-query.ts";

type Query = estypes.QueryDslQueryContainer;

const nameFields = ["terms.title", "terms.brand", "terms.type"];

/** The best products of a typed name, and the completions that some product's name has beside the other words. */
export async function completeNames(
  { client, index }: { client: Client; index: string },
  { before, last, completed }: TypedName,
  size: number,
): Promise<CompletedNames> {
  const named = (query: string): Query => ({ multi_match: { query, fields: nameFields } });
  const starts = [...new Set(last)].flatMap((start) =>
    nameFields.map((field): Query => ({ prefix: { [field]: start } })),
  );
  const isCounted = before.length > 0 && completed.length > 0;
  const { hits, aggregations } = await client.search<
    Pick<ElasticDocument, "id">,
    { perCompletion: estypes.AggregationsFiltersAggregate }
  >({
    ...{ index, size },
    query: {
      bool: {
        filter: [
          isLive,
          ...before.map((stems) => named(stems.join(" "))),
          { bool: { should: starts, minimum_should_match: 1 } },
        ],
      },
    },
    sort: byStaticRank,
    track_total_hits: false,
    _source: ["id"],
    ...(isCounted && { aggs: { perCompletion: { filters: { filters: completed.map(named) } } } }),
  });
  const buckets = (aggregations?.perCompletion.buckets ?? []) as estypes.AggregationsFiltersBucket[];
  const isNamed = (at: number) => before.length === 0 || (buckets[at]?.doc_count ?? 0) > 0;
  return {
    productIds: hits.hits.flatMap(({ _source }) => (_source ? [_source.id] : [])),
    completed: new Set(completed.filter((_, at) => isNamed(at))),
  };
}
