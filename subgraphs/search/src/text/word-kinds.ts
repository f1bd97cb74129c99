import { isFunctionWordAnywhere } from "./language.ts";

/** Properties of words that indexing checks often, as bits. */
export const wordKinds = {
  /** Three to five Latin letters: may be an acronym. */
  acronym: 1,
  /** Letters, and no function word: may be a word of an acronym's expansion. */
  spellsAcronym: 2,
  /** Begins with a digit. */
  number: 4,
  /** Two letters or more, and no other characters. */
  letters: 8,
} as const;

const minPhraseWordLength = 3;

/** The kinds of a term. */
export function kindOf(term: string): number {
  let kind = 0;
  if (/^[a-z]{3,5}$/.test(term)) kind |= wordKinds.acronym;
  if (/^\p{N}/u.test(term)) kind |= wordKinds.number;
  if (!/^\p{L}{2,}$/u.test(term)) return kind;
  kind |= wordKinds.letters;
  if (term.length >= minPhraseWordLength && !isFunctionWordAnywhere(term)) kind |= wordKinds.spellsAcronym;
  return kind;
}
