import { LRUCache } from "lru-cache";
import { endOf, firstToken } from "../analysis/document-tokens.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import { nameFlag, nameFields } from "./postings.ts";
import { TopRows } from "./top-rows.ts";

/** Of more, only the best are looked at: weighing all was nearly all of a suggestion's work. */
const maxNamed = 1_000;
/** Which are the best is found out again after so long. */
const cacheTtlMs = 60_000;
const maxCachedTerms = 2_000;

/** The products that a word names in their title, brand or type. */
export class NameIndex {
  private readonly index: EmbeddedIndex;
  private readonly best = new LRUCache<number, Int32Array>({ max: maxCachedTerms, ttl: cacheTtlMs });

  constructor(index: EmbeddedIndex) {
    this.index = index;
  }

  /** How many products have the term, in whatever field. */
  countOf(term: number): number {
    return this.index.postings.of(term).length;
  }

  /** Rows that have the term in their name, in no order; the best thousand, if more products have it. */
  of(term: number): Int32Array {
    const entries = this.index.postings.of(term);
    if (entries.length <= maxNamed) return rowsNamed(entries);
    let best = this.best.get(term);
    if (!best) this.best.set(term, (best = this.bestOf(entries)));
    return best;
  }

  /** The terms of a row's title, brand and type, as they are now. */
  nameOf(row: number): Int32Array {
    const tokens = this.index.tokensOf(row);
    return tokens.subarray(firstToken, endOf(tokens, nameFields - 1));
  }

  /** What can be bought stands before what can't, then what is more popular. */
  browseRankOf(row: number): number {
    const { staticRank, inStock } = this.index.columns;
    return (staticRank[row] ?? 0) + (inStock[row] === 1 ? inStockFirst : 0);
  }

  private bestOf(entries: Uint32Array): Int32Array {
    const top = new TopRows(maxNamed);
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at] ?? 0;
      if ((entry & nameFlag) !== 0) top.offer(entry >>> 8, this.browseRankOf(entry >>> 8));
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

// Above every standing.
const inStockFirst = 2 ** 52;
