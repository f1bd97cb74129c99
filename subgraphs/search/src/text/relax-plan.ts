import type { Alternative, QueryContext, QueryPlan, Relaxed } from "./query-plan.ts";
import { mainStem } from "./query-words.ts";

/** The noun with the word before it as a phrase, and the noun alone: where most products have both, they are one name ("memory stick"). */
export function namePlans(plan: QueryPlan): { both: QueryPlan; noun: QueryPlan } | undefined {
  const { words, head } = plan;
  const [before, noun] = [words[head - 1], words[head]];
  if (!before || !noun) return undefined;
  const single = (terms: string[]): QueryPlan => ({
    ...plan,
    words: [noun],
    groups: [[{ terms, weight: 1 }]],
    head: 0,
    required: [0],
  });
  return { both: single([mainStem(before), mainStem(noun)]), noun: single([mainStem(noun)]) };
}

/**
 * What fills up a list with few matches of all words: products whose name has the noun, or the noun of a neighbour; the other
 * words count for the order only. Undefined where nothing can be dropped and there are no neighbours.
 */
export function relaxedPlan(
  plan: QueryPlan,
  { synonyms }: Pick<QueryContext, "synonyms">,
  isNameOfTwo = false,
): QueryPlan | undefined {
  const { groups, words, head } = plan;
  if (head < 0) return undefined;
  const required = [head];
  const stems = (from: number) =>
    words
      .slice(from, head + 1)
      .map(mainStem)
      .join(" ");
  // "hard drive" is one name: without "hard" it would be another.
  const isOneName =
    head > 0 && (isNameOfTwo || synonyms.same.has(stems(head - 1)) || synonyms.near.has(stems(head - 1)));
  if (isOneName) required.unshift(head - 1);
  const neighbours = (synonyms.near.get(stems(isOneName ? head - 1 : head)) ?? []).map(
    (terms): Alternative => ({ terms, weight: neighbourWeight }),
  );
  if (neighbours.length === 0 && required.length === groups.length) return undefined;
  return {
    ...plan,
    required,
    groups: groups.map((group, at) => (required.includes(at) ? [...group, ...neighbours] : group)),
  };
}

/** A neighbour comes behind the thing itself, and before the thing without the other words. */
const neighbourWeight = 0.8;

/** What a relaxed plan dropped, in the shopper's words; null if it only added neighbours. */
export function relaxedWords({ words, required }: QueryPlan): Relaxed | null {
  if (!required || required.length === words.length) return null;
  const shown = (isKept: boolean) =>
    words.filter((_, at) => required.includes(at) === isKept).map(({ surfaceForm }) => surfaceForm);
  return { dropped: shown(false), kept: shown(true) };
}
