import type { Client, estypes } from "@elastic/elasticsearch";
import { LRUCache } from "lru-cache";
import type { Vocabulary } from "../../text/vocabulary.ts";
import type { RankedDocument } from "../search-index.ts";
import { elasticTokens, foldedPrefix, type ElasticDocument } from "./elastic-document.ts";

/** What the ranking needs of a product, without its stock: it changes with the version only. */
type CachedDocument = Omit<RankedDocument, "isInStock" | "attributes"> & { attributes: string[] };

/** Cached documents by id. Their tokens are numbers of one vocabulary, so the cache lives as long as that. */
export type DocumentCache = LRUCache<string, CachedDocument>;

/** Some 50,000 documents of usual length. */
const maxCachedBytes = 64 * 2 ** 20;

export function documentCache(): DocumentCache {
  return new LRUCache({
    maxSize: maxCachedBytes,
    sizeCalculation: ({ title, tokens, attributes }) =>
      600 + 2 * title.text.length + tokens.byteLength + 60 * attributes.length,
  });
}

/** A match by id, version and stock, which Elasticsearch returns without opening the document: reading 200 documents was most of a search's work. */
export type CompactHit = { id: string; version: number; isInStock: boolean };

/** The options of a search for compact hits; its last sort key must be the id. */
export const asCompactHits = {
  _source: false,
  stored_fields: "_none_",
  docvalue_fields: ["version", "in_stock"],
} as const satisfies Partial<estypes.SearchRequest>;

/** The compact hits of a search with `asCompactHits`. */
export function compactHits({ hits }: estypes.SearchHitsMetadata): CompactHit[] {
  return hits.map(({ sort, fields }) => {
    const { version, in_stock: inStock } = fields as { version: [number]; in_stock: [boolean] };
    return { id: String(sort?.at(-1)), version: version[0], isInStock: inStock[0] };
  });
}

type Deps = { client: Client; index: string; vocabulary: Vocabulary; documents: DocumentCache };

/** The documents of hits in their order, from the cache where it has that version; without documents that were removed since. */
export async function documentsOf(
  { client, index, vocabulary, documents }: Deps,
  hits: readonly CompactHit[],
): Promise<RankedDocument[]> {
  const found = new Map<string, CachedDocument>();
  const unknown: string[] = [];
  for (const { id, version } of hits) {
    const known = documents.get(id);
    // A newer version, which another search has read meanwhile, is as good.
    if (known && known.version >= version) found.set(id, known);
    else unknown.push(id);
  }
  if (unknown.length > 0) {
    const read = await client.search<ElasticDocument>({
      index,
      size: unknown.length,
      query: { ids: { values: unknown } },
      track_total_hits: false,
      _source: [
        ...["id", "version", "title", "terms", "lengths", "written"],
        ...["brand_key", "category_path", "traits"],
      ],
    });
    for (const { _source } of read.hits.hits) {
      if (!_source) continue;
      const document = cachedDocument(_source, vocabulary);
      documents.set(document.id, document);
      found.set(document.id, document);
    }
  }
  return hits.flatMap(({ id, isInStock }) => {
    const document = found.get(id);
    return document ? [{ ...document, isInStock }] : [];
  });
}

function cachedDocument(source: ElasticDocument, vocabulary: Vocabulary): CachedDocument {
  return {
    id: source.id,
    version: source.version,
    title: { text: source.title },
    brand: source.brand_key,
    category: source.category_path.at(-1),
    attributes: source.traits.map(foldedPrefix),
    tokens: elasticTokens(source, vocabulary),
  };
}
