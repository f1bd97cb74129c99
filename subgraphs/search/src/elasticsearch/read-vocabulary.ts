import type { Client } from "@elastic/elasticsearch";
import { Lexicon } from "../analysis/vocabulary.ts";
import type { Category } from "../engine.ts";
import { elasticTokens, type ElasticDocument } from "./elastic-document.ts";
import { isLive } from "./elastic-query.ts";
import { readDocuments, type ReadDocuments } from "./ranked-documents.ts";
import type { Change } from "./write-elastic.ts";

/** What is kept here of an index: its words, its categories' names, and what was read of its documents. */
export type Learned = {
  lexicon: Lexicon;
  categories: Map<string, Category>;
  count: number;
  documents: ReadDocuments;
};

const pageSize = 1_000;

/** Reads all words of an index, page by page over one point in time, which `open` says when to take. */
export async function readLexicon(
  client: Client,
  index: string,
  open = <T>(take: () => Promise<T>): Promise<T> => take(),
): Promise<Learned> {
  const learned: Learned = {
    lexicon: new Lexicon(),
    categories: new Map(),
    count: 0,
    documents: readDocuments(),
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
      for (const { _source } of hits.hits) if (_source) learn(learned, { before: undefined, now: _source });
      after = hits.hits.at(-1)?.sort;
      if (hits.hits.length === pageSize) continue;
      learned.lexicon.prepare();
      return learned;
    }
  } finally {
    await client.closePointInTime({ id }).catch(() => undefined);
  }
}

/** Takes in a change. */
export function learn(learned: Learned, { before, now }: Change): void {
  const { lexicon, categories } = learned;
  // A change of stock leaves the words as they are.
  if (before?.is_live && now.is_live && before.terms === now.terms) return;
  if (before?.is_live) {
    lexicon.remove(elasticTokens(before, lexicon));
    learned.count--;
  }
  if (!now.is_live) return;
  lexicon.add(elasticTokens(now, lexicon));
  learned.count++;
  for (const category of now.categories) categories.set(category.slug, category);
}
