import { LRUCache } from "lru-cache";
import { endOf, firstToken } from "../../text/document-tokens.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { nameFlag, nameFields } from "./postings.ts";
import { TopRows } from "./top-rows.ts";

/** A term in more names is cut to the best of them: comparing all was nearly all of a suggestion's work. */
const maxNamed = 1_000;
/** How long the best rows of a term are cached. */
const cacheTtlMs = 60_000;
const maxCachedTerms = 2_000;

/** The products that have a term in their name: title, brand or type. For suggestions. */
export class NameIndex {
  private readonly index: EmbeddedIndex;
  private readonly best = new LRUCache<number, Int32Array>({ max: maxCachedTerms, ttl: cacheTtlMs });

  constructor(index: EmbeddedIndex) {
    this.index = index;
  }

  /** The number of products with the term in any field. */
  countOf(term: number): number {
    return this.index.postings.of(term).length;
  }

  /** The rows with the term in their name, unordered; the best thousand if there are more. */
  of(term: number): Int32Array {
    const entries = this.index.postings.of(term);
    if (entries.length <= maxNamed) return rowsNamed(entries);
    let best = this.best.get(term);
    if (!best) this.best.set(term, (best = this.bestOf(entries)));
    return best;
  }

  /** The current terms of a row's title, brand and type. */
  nameOf(row: number): Int32Array {
    const tokens = this.index.tokensOf(row);
    return tokens.subarray(firstToken, endOf(tokens, nameFields - 1));
  }

  private bestOf(entries: Uint32Array): Int32Array {
    const { columns } = this.index;
    const top = new TopRows(maxNamed);
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at] ?? 0;
      if ((entry & nameFlag) !== 0) top.offer(entry >>> 8, columns.browseRankOf(entry >>> 8));
    }
    return Int32Array.from(top.best());
  }
}

function rowsNamed(entries: Uint32Array): Int32Array {
  const rows = new Int32Array(entries.length);
  let count = 0;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] ?? 0;
    if ((entry & nameFlag) !== 0) rows[count++] = entry >>> 8;
  }
  return rows.subarray(0, count);
}
