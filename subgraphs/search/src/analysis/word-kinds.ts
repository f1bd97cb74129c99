import { isFunctionWordAnywhere } from "./language.ts";

/** What is asked of each word of a collection again and again, as bits. */
export const wordKinds = {
  /** Three to five Latin letters, as acronyms have. */
  acronym: 1,
  /** A word of letters that may be one of those that an acronym stands for. */
  spellsAcronym: 2,
  /** Begins with a digit. */
  number: 4,
  /** Two letters or more, and nothing else. */
  letters: 8,
} as const;

const minPhraseWordLength = 3;

export function kindOf(term: string): number {
  let kind = 0;
  if (/^[a-z]{3,5}$/.test(term)) kind |= wordKinds.acronym;
  if (/^\p{N}/u.test(term)) kind |= wordKinds.number;
  if (!/^\p{L}{2,}$/u.test(term)) return kind;
  kind |= wordKinds.letters;
  if (term.length >= minPhraseWordLength && !isFunctionWordAnywhere(term)) kind |= wordKinds.spellsAcronym;
  return kind;
}
