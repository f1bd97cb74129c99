import { endOf, firstToken, lengthOf, startOf, type DocumentTokens } from "../analysis/document-tokens.ts";
import { fields } from "../analysis/analyze-document.ts";
import type { Lexicon } from "../analysis/lexicon.ts";
import type { QueryPlan } from "../analysis/plan-query.ts";
import { closenessToType } from "./type-closeness.ts";

/** Round numbers from the flat region of what was measured; fitting them made unseen queries worse. */
export const fieldWeights = [8, 2, 4, 2, 1, 1] as const;
export const saturation = 1.2;
export const lengthShare = 0.75;
const allTermsBonus = 0.3;
const titlePhraseBonus = 0.05;
const headNounBonus = 0.1;
const typeBonus = 0.1;

type Term = { ids: number[]; weight: number; idf: number };

/**
 * How well each candidate answers the query: BM25F over the fields, as a share of the most that it could be, plus
 * small bonuses on that scale. Both engines rank by this alone, so both answer alike.
 */
export function rank(plan: QueryPlan, candidates: readonly DocumentTokens[], lexicon: Lexicon): number[] {
  const groups = plan.groups.map((group) => termsOf(group, lexicon));
  const most = groups.reduce((sum, group) => sum + Math.max(0, ...group.map(({ idf }) => idf)), 0) || 1;
  const normalisers = fields.map(
    (_, field) => (lexicon.lengths[field] ?? 0) / Math.max(1, lexicon.documents),
  );
  const head = headOf(groups, lexicon);
  const isNamedSo = candidates.map((tokens) => head.length > 0 && head.includes(lexicon.headOf(tokens)));
  const closeness = head.length > 0 ? closenessToType(candidates, isNamedSo, lexicon) : undefined;
  return candidates.map((tokens, at) => {
    let sum = 0;
    let found = 0;
    for (const group of groups) {
      let best = 0;
      for (const term of group) best = Math.max(best, scoreOf(term, tokens, normalisers));
      if (best > 0) found++;
      sum += best;
    }
    let score = sum / most;
    if (found === groups.length) score += allTermsBonus;
    if (groups.length > 1 && hasPhrase(groups, tokens)) score += titlePhraseBonus;
    if (closeness) {
      if (isNamedSo[at]) score += headNounBonus;
      score += typeBonus * (closeness[at] ?? 0);
    }
    return score;
  });
}

/** Whether the query is the product's whole title, or one of its ids. */
export function isExactly(plan: QueryPlan, tokens: DocumentTokens, lexicon: Lexicon): boolean {
  const groups = plan.groups.map((group) => termsOf(group, lexicon));
  if (groups.length === 0) return false;
  if (groups.length === lengthOf(tokens, 0) && hasPhrase(groups, tokens)) return true;
  const [start, end] = [startOf(tokens, idField), endOf(tokens, idField)];
  return groups.every((group) => group.some(({ ids }) => timesIn(tokens, start, end, ids) > 0));
}

const idField = fields.indexOf("ids");

function termsOf(group: QueryPlan["groups"][number], lexicon: Lexicon): Term[] {
  const known = group
    .map(({ terms, weight }) => ({ ids: terms.map((term) => lexicon.idOf(term)), weight }))
    .filter(({ ids }) => !ids.includes(0));
  // All say the same thing, which is as common as the commonest way to say it: a rare spelling isn't a rare thing.
  const frequency = Math.max(0, ...known.map(({ ids }) => frequencyOf(ids, lexicon)));
  const idf = Math.log(1 + (lexicon.documents - frequency + 0.5) / (frequency + 0.5));
  return known.map((term) => ({ ...term, idf }));
}

function frequencyOf(ids: readonly number[], lexicon: Lexicon): number {
  return Math.min(...ids.map((id) => lexicon.frequency(id)));
}

function scoreOf(term: Term, tokens: DocumentTokens, averageLengths: readonly number[]): number {
  let weighted = 0;
  for (let field = 0; field < fields.length; field++) {
    const times = timesIn(tokens, startOf(tokens, field), endOf(tokens, field), term.ids);
    if (times === 0) continue;
    const relative = lengthOf(tokens, field) / (averageLengths[field] || 1);
    weighted += ((fieldWeights[field] ?? 0) * times) / (1 - lengthShare + lengthShare * relative);
  }
  return (term.weight * term.idf * weighted) / (saturation + weighted);
}

function timesIn(tokens: DocumentTokens, start: number, end: number, ids: readonly number[]): number {
  const [first] = ids;
  let times = 0;
  const last = end - ids.length;
  for (let at = start; at <= last; at++) {
    if (tokens[at] !== first) continue;
    let same = 1;
    while (same < ids.length && tokens[at + same] === ids[same]) same++;
    if (same === ids.length) times++;
  }
  return times;
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

// A query's last word is its noun ("gaming chair"), if anything of the collection is called so.
function headOf(groups: readonly Term[][], lexicon: Lexicon): number[] {
  const last = groups.at(-1) ?? [];
  return last.map(({ ids }) => ids.at(-1) ?? 0).filter((id) => lexicon.isTypeNoun(id));
}
