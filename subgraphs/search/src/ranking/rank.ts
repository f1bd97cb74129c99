import { endOf, firstToken, lengthOf, startOf, type DocumentTokens } from "../text/document-tokens.ts";
import { fields } from "../text/analyze-document.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import type { QueryPlan } from "../text/plan-query.ts";
import { typeSimilarity } from "./type-similarity.ts";

/** Weights of title, brand, type, description, attributes and ids (the order of `fields`). Round numbers from the flat region of the measurements; fitted ones did worse on notFound queries. */
export const fieldWeights = [8, 2, 4, 2, 1, 1] as const;
/** BM25's k1. */
export const saturation = 1.2;
/** BM25's b. */
export const lengthNormalization = 0.75;
const titlePhraseBonus = 0.05;
const headNounBonus = 0.1;
const typeBonus = 0.2;

type Term = { ids: number[]; weight: number; idf: number };

/**
 * Scores each candidate: BM25F over the fields as a share of the maximum, plus small bonuses on that scale. Both engines
 * rank by this function alone, so their orders are alike. Matching all terms needs no bonus: products that match only some
 * come after them in any case.
 */
export function rank(
  plan: QueryPlan,
  candidates: readonly DocumentTokens[],
  vocabulary: Vocabulary,
): number[] {
  const groups = plan.groups.map((group) => termsOf(group, vocabulary));
  const most = groups.reduce((sum, group) => sum + Math.max(0, ...group.map(({ idf }) => idf)), 0) || 1;
  const normalisers = fields.map(
    (_, field) => (vocabulary.lengths[field] ?? 0) / Math.max(1, vocabulary.documents),
  );
  const head = headOf(groups, vocabulary);
  const isOfType = candidates.map((tokens) => head.length > 0 && vocabulary.isCalled(tokens, head));
  const similarity = head.length > 0 ? typeSimilarity(candidates, isOfType, vocabulary) : undefined;
  const counter = new TermCounter(groups.flat(), normalisers, vocabulary);
  const scores = candidates.map((tokens, at) => {
    const weighted = counter.count(tokens);
    let each = 0;
    let sum = 0;
    for (const group of groups) {
      let best = 0;
      for (const { weight, idf } of group) {
        const had = weighted[each++] ?? 0;
        best = Math.max(best, (weight * idf * had) / (saturation + had));
      }
      sum += best;
    }
    const share = sum / most;
    let score = share;
    if (groups.length > 1 && hasPhrase(groups, tokens)) score += titlePhraseBonus;
    // Multiplied by the share: the right product type is no match if the other words don't match.
    if (similarity) score += share * ((isOfType[at] ? headNounBonus : 0) + typeBonus * (similarity[at] ?? 0));
    return score;
  });
  counter.clear();
  return scores;
}

/** Whether the query equals the product's title or one of its ids. */
export function isExactly(plan: QueryPlan, tokens: DocumentTokens, vocabulary: Vocabulary): boolean {
  const groups = plan.groups.map((group) => termsOf(group, vocabulary));
  if (groups.length === 0) return false;
  if (groups.length === lengthOf(tokens, 0) && hasPhrase(groups, tokens)) return true;
  return isWholeId(vocabulary.idOf(plan.whole), tokens);
}

// Parts of ids stand behind two gaps: the words of a SKU in prose are no ids.
function isWholeId(id: number, tokens: DocumentTokens): boolean {
  if (id === 0) return false;
  const end = endOf(tokens, idField);
  for (let at = startOf(tokens, idField); at < end; at++) {
    if (tokens[at] === id) return true;
    if (tokens[at] === 0 && tokens[at + 1] === 0) return false;
  }
  return false;
}

const idField = fields.indexOf("ids");

function termsOf(group: QueryPlan["groups"][number], vocabulary: Vocabulary): Term[] {
  const known = group
    .map(({ terms, weight }) => ({ ids: terms.map((term) => vocabulary.idOf(term)), weight }))
    .filter(({ ids }) => !ids.includes(0));
  // Alternatives mean the same, so they share the idf of the most frequent one: a rare spelling is no rare thing.
  const frequency = Math.max(0, ...known.map(({ ids }) => frequencyOf(ids, vocabulary)));
  const idf = Math.log(1 + (vocabulary.documents - frequency + 0.5) / (frequency + 0.5));
  return known.map((term) => ({ ...term, idf }));
}

function frequencyOf(ids: readonly number[], vocabulary: Vocabulary): number {
  return Math.min(...ids.map((id) => vocabulary.frequency(id)));
}

/** Sums the occurrences of all terms in one pass over each document, weighted by field and field length. */
class TermCounter {
  private readonly slots: Uint8Array;
  private readonly beginning: { ids: number[]; at: number }[][] = [[]];
  private readonly weighted: Float64Array;
  private readonly averageLengths: readonly number[];

  constructor(terms: readonly Term[], averageLengths: readonly number[], vocabulary: Vocabulary) {
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

function hasPhrase(groups: readonly Term[][], tokens: DocumentTokens): boolean {
  const end = endOf(tokens, 0) - groups.length;
  for (let at = firstToken; at <= end; at++) {
    if (
      groups.every((group, offset) =>
        group.some(({ ids }) => ids.length === 1 && ids[0] === tokens[at + offset]),
      )
    )
      return true;
  }
  return false;
}

// A query's last word is its head noun ("gaming chair"), if the vocabulary knows it as a product type.
function headOf(groups: readonly Term[][], vocabulary: Vocabulary): number[] {
  const last = groups.at(-1) ?? [];
  return last.map(({ ids }) => ids.at(-1) ?? 0).filter((id) => vocabulary.isTypeNoun(id));
}
