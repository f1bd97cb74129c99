import { endOf, firstToken, lengthOf, startOf, type DocumentTokens } from "../text/document-tokens.ts";
import { fields } from "../text/analyze-document.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { TermCounter } from "./count-terms.ts";
import { saturation } from "./weights.ts";
import type { QueryPlan } from "../text/query-plan.ts";
import { calledBy, isCalledFrom } from "./called-by.ts";
import { typeSimilarity } from "./type-similarity.ts";

/** For a product that has all words, where others have some; the thing itself gets it twice. */
const allWordsBonus = 0.2;
const titlePhraseBonus = 0.05;
const headNounBonus = 0.2;
const typeBonus = 0.4;

type Term = { ids: number[]; weight: number; idf: number };

/**
 * Scores each candidate: BM25F over the fields as a share of the maximum, plus bonuses on that scale for what the product is:
 * the thing that the query names comes before what only has the word. Both engines rank by this function alone, so their
 * orders are alike.
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
  const head = headOf(groups[plan.head] ?? [], vocabulary);
  const called = candidates.map((tokens) => (head.length > 0 ? calledBy(tokens, head, vocabulary) : 1));
  // The type is described by those that are most surely of it.
  const surest = Math.max(0, ...called);
  const isOfType = called.map((sureness) => sureness > 0 && sureness === surest);
  const similarity =
    head.length > 0
      ? typeSimilarity(
          candidates,
          isOfType,
          vocabulary,
          groups.flatMap((group) => group.flatMap(({ ids }) => ids)),
        )
      : undefined;
  const counter = new TermCounter(groups.flat(), normalisers, vocabulary);
  const scores = candidates.map((tokens, at) => {
    const weighted = counter.count(tokens);
    let each = 0;
    let sum = 0;
    let had = 0;
    for (const group of groups) {
      let best = 0;
      for (const { weight, idf } of group) {
        const times = weighted[each++] ?? 0;
        best = Math.max(best, (weight * idf * times) / (saturation + times));
      }
      sum += best;
      if (best > 0) had++;
    }
    const share = sum / most;
    let score = share;
    if (had === groups.length) score += allWordsBonus * (1 + (called[at] ?? 0));
    if (groups.length > 1 && hasPhrase(groups, tokens)) score += titlePhraseBonus;
    // Multiplied by the share: the right product type is no match if the other words don't match.
    if (similarity) score += share * (headNounBonus * (called[at] ?? 0) + typeBonus * (similarity[at] ?? 0));
    return score;
  });
  counter.clear();
  return scores;
}

/** How many candidates are of the query's product type; all of them where the query names none. */
export function countThings(
  plan: QueryPlan,
  candidates: readonly DocumentTokens[],
  vocabulary: Vocabulary,
): number {
  const head = headOf(termsOf(plan.groups[plan.head] ?? [], vocabulary), vocabulary);
  if (head.length === 0) return candidates.length;
  return candidates.filter((tokens) => calledBy(tokens, head, vocabulary) >= isCalledFrom).length;
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

// The terms of the query's noun that name products, if the vocabulary knows one as a product type.
function headOf(group: readonly Term[], vocabulary: Vocabulary): number[] {
  const ids = group.map(({ ids: terms }) => terms.at(-1) ?? 0);
  if (!ids.some((id) => vocabulary.isTypeNoun(id))) return [];
  return ids.filter((id) => vocabulary.timesNamed(id) > 0);
}
