import type { estypes } from "@elastic/elasticsearch";
import { fold } from "../../text/fold.ts";
import { queryWordsOf } from "../../text/query-words.ts";
import type { Suggestions } from "../engine.ts";
import { completeQuery, hasWordStartingWith } from "../../query/suggestions.ts";
import type { ElasticActivity } from "./elastic-activity.ts";
import type { ElasticDocument } from "./elastic-document.ts";
import { isLive } from "./elastic-query.ts";
import type { ElasticSearcher } from "./search-elastic.ts";

const suggesting = ["terms.title", "terms.brand", "terms.type"];
const maxCompletions = 20;

/** Suggestions for a prefix: queries that others asked, completed words; products, in stock first; categories. */
export async function suggestElastic(
  { client, index, vocabulary, categories, languages }: ElasticSearcher,
  activity: Pick<ElasticActivity, "queriesLike">,
  prefix: string,
  size: number,
): Promise<Suggestions> {
  const words = queryWordsOf(prefix, languages);
  const last = words.at(-1);
  if (!last) return { queries: [], productIds: [], categoryIds: [] };
  const before = words.slice(0, -1).map(({ stems }): estypes.QueryDslQueryContainer => ({
    multi_match: { query: stems.join(" "), fields: suggesting },
  }));
  const starts = [...new Set([last.folded, ...last.stems])].flatMap((start) =>
    suggesting.map((field): estypes.QueryDslQueryContainer => ({ prefix: { [field]: start } })),
  );
  const folded = fold(prefix).trim();
  // A missing activity index has no queries to suggest.
  const asking = activity.queriesLike(folded, size).catch(() => []);
  const completed = vocabulary.completionsOf(last.folded, Math.max(size, maxCompletions));
  const { hits, aggregations } = await client.search<
    Pick<ElasticDocument, "id">,
    { perCompletion: estypes.AggregationsFiltersAggregate }
  >({
    index,
    size,
    query: { bool: { filter: [isLive, ...before, { bool: { should: starts, minimum_should_match: 1 } }] } },
    sort: [{ in_stock: "desc" }, { standing: { order: "desc", unmapped_type: "long" } }, { id: "asc" }],
    track_total_hits: false,
    _source: ["id"],
    ...(before.length > 0 &&
      completed.length > 0 && { aggs: { perCompletion: { filters: { filters: completed.map(named) } } } }),
  });
  const buckets = (aggregations?.perCompletion.buckets ?? []) as estypes.AggregationsFiltersBucket[];
  const completions = completed
    .filter((_, at) => before.length === 0 || (buckets[at]?.doc_count ?? 0) > 0)
    .map(({ surfaceForm }) => surfaceForm);
  return {
    queries: [...new Set([...(await asking), ...completeQuery(prefix, last.folded, completions)])].slice(
      0,
      size,
    ),
    productIds: hits.hits.flatMap(({ _source }) => (_source ? [_source.id] : [])),
    categoryIds: [...categories.values()]
      .filter(({ name }) => hasWordStartingWith(name, last.folded))
      .slice(0, size)
      .map(({ id }) => id),
  };
}

function named({ term }: { term: string }): estypes.QueryDslQueryContainer {
  return { multi_match: { query: term, fields: suggesting } };
}
