import { BoundedCache } from "@shop/service/bounded-cache";
import { documentBytes, dropTokens } from "@shop/service/document-bytes";
import type { DocumentNode } from "graphql";

/** Room for some 20 of the largest documents, or some hundreds of a page's. */
const maxBytes = 8 * 2 ** 20;

/** A document of the shop's own operations, and the SHA-256 of its text. */
export interface KnownDocument {
  queryHash: string;
  document: DocumentNode;
}

/**
 * Validated documents that came at least twice, by the SHA-256 of their text in hex: the document store of Apollo Server and
 * of sockets.
 */
export class DocumentCache {
  readonly #cache = new BoundedCache<DocumentNode>({
    maxBytes,
    bytesOf: (document) => documentBytes(document, document.loc?.source.body.length ?? 0),
  });

  readonly #known = new Map<string, KnownDocument>();

  /** The pinned document of exactly this text. */
  known(text: string): KnownDocument | undefined {
    return this.#known.get(text);
  }

  find(queryHash: string): DocumentNode | undefined {
    return this.#cache.get(queryHash);
  }

  has(queryHash: string): boolean {
    return this.#cache.has(queryHash);
  }

  isPinned(queryHash: string): boolean {
    return this.#cache.isPinned(queryHash);
  }

  offer(queryHash: string, document: DocumentNode): void {
    dropTokens(document);
    this.#cache.offer(queryHash, document);
  }

  pin(queryHash: string, document: DocumentNode): void {
    dropTokens(document);
    this.#cache.pin(queryHash, document);
    const text = document.loc?.source.body;
    if (text !== undefined) this.#known.set(text, { queryHash, document });
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  /** The cache for Apollo Server, whose keys have the schema's hash before the document's. */
  get store() {
    const hashIn = (key: string) => key.slice(key.lastIndexOf(":") + 1);
    return {
      get: async (key: string) => this.find(hashIn(key)),
      set: async (key: string, document: DocumentNode) => this.offer(hashIn(key), document),
      delete: async () => false,
    };
  }
}
