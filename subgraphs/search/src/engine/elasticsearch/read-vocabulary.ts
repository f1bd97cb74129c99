import type { Client } from "@elastic/elasticsearch";
import { Vocabulary } from "../../text/vocabulary.ts";
import type { Category } from "../engine.ts";
import { elasticTokens, type ElasticDocument } from "./elastic-document.ts";
import { isLive } from "./elastic-query.ts";
import { documentCache, type DocumentCache } from "./ranked-documents.ts";
import type { Change } from "./write-elastic.ts";

/** An instance's in-memory copy of parts of the index: vocabulary, categories, and cached documents. */
export type IndexSummary = {
  vocabulary: Vocabulary;
  categories: Map<string, Category>;
  count: number;
  documents: DocumentCache;
};

const pageSize = 1_000;

/** Reads the vocabulary of an index, page by page over one point in time; `open` decides when that is taken. */
export async function readVocabulary(
  client: Client,
  index: string,
  open = <T>(take: () => Promise<T>): Promise<T> => take(),
): Promise<IndexSummary> {
  const summary: IndexSummary = {
    vocabulary: new Vocabulary(),
    categories: new Map(),
    count: 0,
    documents: documentCache(),
  };
  const { id } = await open(() => client.openPointInTime({ index, keep_alive: "1m" }));
  try {
    let after: unknown[] | undefined;
    for (;;) {
      const { hits } = await client.search<ElasticDocument>({
        pit: { id, keep_alive: "1m" },
        size: pageSize,
        query: isLive,
        sort: "_shard_doc",
        ...(after && { search_after: after as (string | number)[] }),
        track_total_hits: false,
        _source: ["id", "is_live", "terms", "lengths", "written", "categories"],
      });
      for (const { _source } of hits.hits)
        if (_source) applyChange(summary, { before: undefined, now: _source });
      after = hits.hits.at(-1)?.sort;
      if (hits.hits.length === pageSize) continue;
      summary.vocabulary.prepare();
      return summary;
    }
  } finally {
    await client.closePointInTime({ id }).catch(() => undefined);
  }
}

/** Applies a change of a product. */
export function applyChange(summary: IndexSummary, { before, now }: Change): void {
  const { vocabulary, categories } = summary;
  // A change of stock leaves the vocabulary as it is.
  if (before?.is_live && now.is_live && before.terms === now.terms) return;
  if (before?.is_live) {
    vocabulary.remove(elasticTokens(before, vocabulary));
    summary.count--;
  }
  if (!now.is_live) return;
  vocabulary.add(elasticTokens(now, vocabulary));
  summary.count++;
  for (const category of now.categories) categories.set(category.slug, category);
}
