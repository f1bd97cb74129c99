import { fields } from "../text/analyze-document.ts";
import { endOf, lengthOf, startOf, type DocumentTokens } from "../text/document-tokens.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { fieldWeights, lengthNormalization } from "./weights.ts";

/** Sums the occurrences of all terms in one pass over each document, weighted by field and field length. */
export class TermCounter {
  private readonly slots: Uint8Array;
  private readonly beginning: { ids: number[]; at: number }[][] = [[]];
  private readonly weighted: Float64Array;
  private readonly averageLengths: readonly number[];

  constructor(
    terms: readonly { ids: number[] }[],
    averageLengths: readonly number[],
    vocabulary: Vocabulary,
  ) {
    this.averageLengths = averageLengths;
    this.weighted = new Float64Array(terms.length);
    this.slots = slotsFor(vocabulary);
    terms.slice(0, maxTerms).forEach(({ ids }, at) => {
      const [first = 0] = ids;
      this.slots[first] ||= this.beginning.push([]) - 1;
      this.beginning[this.slots[first] ?? 0]?.push({ ids, at });
    });
  }

  count(tokens: DocumentTokens): Float64Array {
    const { slots, beginning, weighted } = this;
    weighted.fill(0);
    for (let field = 0; field < fields.length; field++) {
      const relative = lengthOf(tokens, field) / (this.averageLengths[field] || 1);
      const weight = (fieldWeights[field] ?? 0) / (1 - lengthNormalization + lengthNormalization * relative);
      const end = endOf(tokens, field);
      for (let at = startOf(tokens, field); at < end; at++) {
        const slot = slots[tokens[at] ?? 0] ?? 0;
        if (slot === 0) continue;
        for (const term of beginning[slot] ?? []) {
          if (isAt(tokens, at, end, term.ids)) weighted[term.at] = (weighted[term.at] ?? 0) + weight;
        }
      }
    }
    return weighted;
  }

  /** Clears the shared slots. */
  clear(): void {
    for (const terms of this.beginning) for (const { ids } of terms) this.slots[ids[0] ?? 0] = 0;
  }
}

// A slot number is one byte.
const maxTerms = 250;

// Indexed by term, as long as the vocabulary; reused by all queries.
const slotsOf = new WeakMap<Vocabulary, Uint8Array>();

function slotsFor(vocabulary: Vocabulary): Uint8Array {
  const known = slotsOf.get(vocabulary);
  if (known && known.length >= vocabulary.size) return known;
  const fresh = new Uint8Array(vocabulary.size * 2);
  slotsOf.set(vocabulary, fresh);
  return fresh;
}

function isAt(tokens: DocumentTokens, at: number, end: number, ids: readonly number[]): boolean {
  if (at + ids.length > end) return false;
  for (let offset = 1; offset < ids.length; offset++) if (tokens[at + offset] !== ids[offset]) return false;
  return true;
}
