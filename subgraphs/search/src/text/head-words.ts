import { categoryNounOf, endOf, nameOf, startOf, type DocumentTokens } from "./document-tokens.ts";
import { wordKinds } from "./word-kinds.ts";

const attributesField = 4;

/**
 * The words that may name what a product is: the noun of its category, and words of its name that end it, or stand before a
 * number or before one of its own attribute values ("notebook black 35 cm"). A unit behind a number is none, nor is a value.
 */
export function headWordsOf(tokens: DocumentTokens, words: { kindOf(id: number): number }): Set<number> {
  const is = (id: number | undefined, kind: number) => (words.kindOf(id ?? 0) & kind) !== 0;
  const name = nameOf(tokens);
  const category = categoryNounOf(tokens);
  const heads = new Set<number>();
  for (let at = 0; at < name.length; at++) {
    const id = name[at] ?? 0;
    if (!is(id, wordKinds.letters) || is(name[at - 1], wordKinds.number)) continue;
    const next = name[at + 1];
    const isLast = next === undefined || is(next, wordKinds.number) || isOwnValue(tokens, next);
    if (isLast && (id === category || !isOwnValue(tokens, id))) heads.add(id);
  }
  if (category !== 0) heads.add(category);
  for (let at = startOf(tokens, 1); at < endOf(tokens, 1); at++) heads.delete(tokens[at] ?? 0);
  return heads;
}

/** Whether an attribute of the product has the word as its whole value. */
export function isOwnValue(tokens: DocumentTokens, id: number): boolean {
  const [start, end] = [startOf(tokens, attributesField), endOf(tokens, attributesField)];
  for (let at = start; at < end; at++) {
    if (tokens[at] !== id) continue;
    if ((at === start || tokens[at - 1] === 0) && (at + 1 === end || tokens[at + 1] === 0)) return true;
  }
  return false;
}
