import { endOf, lengthOf, startOf, type DocumentTokens } from "../../text/document-tokens.ts";
import { fields } from "../../text/analyze-document.ts";
import { grown } from "./grown.ts";
import { fieldWeights, lengthNormalization, saturation } from "../../ranking/weights.ts";

/**
 * The postings of each term: sorted numbers, `row << 8 | flags | strength`. One flag is set if the name (title, brand or type)
 * has the term, the other if the term may name what the product is. 4 bytes a posting; a row is found, added and removed by binary search.
 */
export class Postings {
  private readonly lists = new Map<number, Uint32Array>();
  private lengths = new Int32Array(1024);
  // Most terms are ids of one product, for which a list each would cost more than everything else of the term.
  private singles = new Uint32Array(1024);
  // Of the current document, by term.
  private weights = new Float64Array(1024);
  private names = new Uint8Array(1024);
  private readonly seen: number[] = [];

  /** The postings of a term, sorted by row. */
  of(term: number): Uint32Array {
    const length = this.lengths[term] ?? 0;
    return this.lists.get(term)?.subarray(0, length) ?? this.singles.subarray(term, term + length);
  }

  add(row: number, tokens: DocumentTokens, heads: Iterable<number>): void {
    this.weigh(tokens);
    for (const head of heads) this.names[head] = (this.names[head] ?? 0) | headFlag;
    for (const term of this.seen) {
      const weighted = this.weights[term] ?? 0;
      const strength = Math.max(1, Math.round((strengthMask * weighted) / (saturation + weighted)));
      this.put(term, row, ((row << 8) | (this.names[term] ?? 0) | strength) >>> 0);
    }
    this.forgetWeights();
  }

  remove(row: number, tokens: DocumentTokens): void {
    this.weigh(tokens);
    for (const term of this.seen) this.drop(term, row);
    this.forgetWeights();
  }

  // Into reused arrays: a Map for each document was half of the work.
  private weigh(tokens: DocumentTokens): void {
    for (let field = 0; field < fields.length; field++) {
      const relative = lengthOf(tokens, field) / (assumedLengths[field] ?? 1);
      const weight = (fieldWeights[field] ?? 0) / (1 - lengthNormalization + lengthNormalization * relative);
      const end = endOf(tokens, field);
      for (let at = startOf(tokens, field); at < end; at++) {
        const term = tokens[at] ?? 0;
        if (term === 0) continue;
        if (term >= this.weights.length) this.reserve(term);
        if (this.weights[term] === 0) {
          this.seen.push(term);
          this.names[term] = field < nameFields ? nameFlag : 0;
        }
        this.weights[term] = (this.weights[term] ?? 0) + weight;
      }
    }
  }

  private forgetWeights(): void {
    for (const term of this.seen) this.weights[term] = 0;
    this.seen.length = 0;
  }

  private reserve(term: number): void {
    const size = Math.max(term + 1, this.weights.length * 2);
    [this.weights, this.names] = [grown(this.weights, size), grown(this.names, size)];
  }

  private reserveTerms(term: number): void {
    const size = Math.max(term + 1, this.lengths.length * 2);
    [this.lengths, this.singles] = [grown(this.lengths, size), grown(this.singles, size)];
  }

  private put(term: number, row: number, entry: number): void {
    if (term >= this.lengths.length) this.reserveTerms(term);
    const length = this.lengths[term] ?? 0;
    let list = this.lists.get(term);
    if (!list && length === 0) {
      this.singles[term] = entry;
      this.lengths[term] = 1;
      return;
    }
    if (!list || length === list.length) {
      list = grown(list ?? this.of(term), length + (length >> 1) + 1);
      this.lists.set(term, list);
    }
    const isLast = length === 0 || (list[length - 1] ?? 0) >>> 8 < row;
    const at = isLast ? length : placeOf(list, length, row);
    if (!isLast && (list[at] ?? 0) >>> 8 === row) {
      list[at] = entry;
      return;
    }
    list.copyWithin(at + 1, at, length);
    list[at] = entry;
    this.lengths[term] = length + 1;
  }

  private drop(term: number, row: number): void {
    const length = this.lengths[term] ?? 0;
    const list = this.lists.get(term) ?? this.of(term);
    const at = placeOf(list, length, row);
    if (at === length || (list[at] ?? 0) >>> 8 !== row) return;
    list.copyWithin(at, at + 1, length);
    this.lengths[term] = length - 1;
  }
}

/** The index of the row among the first `length` postings, or of its insertion. */
export function placeOf(list: Uint32Array, length: number, row: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) >>> 8 < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const nameFlag = 0x80;
export const headFlag = 0x40;
export const strengthMask = 0x3f;

// Assumed mean lengths of the fields. Only the choice of candidates depends on them; the ranking uses the true ones.
const assumedLengths = [10, 1, 3, 50, 60, 4] as const;
/** Title, brand and type. */
export const nameFields = 3;
