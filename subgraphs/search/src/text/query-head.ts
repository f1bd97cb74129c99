import { isGradeWord } from "./language.ts";
import type { Alternative } from "./query-plan.ts";
import type { QueryWord } from "./query-words.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * The word that names the thing: the last one before "for …" that the shop knows as a product type. Where none is one, the last
 * that names any product; else the rarest word of three letters or more: a digit or "pro" is no name.
 */
export function headOf(
  words: readonly QueryWord[],
  groups: readonly Alternative[][],
  vocabulary: Vocabulary,
): number {
  const groupOf = (at: number) => groups[at] ?? [];
  const able = words.flatMap(({ folded }, at) => (isGradeWord(folded) ? [] : [at]));
  const naming = able.filter((at) => !words[at]?.isComplement);
  const isNoun = (at: number) => namesType(groupOf(at), vocabulary);
  const noun = naming.findLast(isNoun) ?? able.findLast(isNoun);
  if (noun !== undefined) return noun;
  const lettered = naming.filter((at) => /^\p{L}{3,}$/u.test(words[at]?.folded ?? ""));
  const named = lettered.findLast((at) =>
    groupOf(at).some(({ terms }) => vocabulary.timesNamed(vocabulary.idOf(terms.at(-1) ?? "")) > 0),
  );
  const frequencyOf = (at: number) =>
    Math.max(0, ...groupOf(at).map(({ terms: [term = ""] }) => vocabulary.frequency(vocabulary.idOf(term))));
  const [rarest] = lettered.toSorted((one, other) => frequencyOf(one) - frequencyOf(other));
  return named ?? rarest ?? words.length - 1;
}

/** Whether a word of the group is a product type of this shop. */
export function namesType(group: readonly Alternative[], vocabulary: Vocabulary): boolean {
  return group.some(({ terms }) => vocabulary.isTypeNoun(vocabulary.idOf(terms.at(-1) ?? "")));
}
