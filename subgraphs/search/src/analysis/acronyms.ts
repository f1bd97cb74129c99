import { firstToken, type DocumentTokens } from "./document-tokens.ts";

type Words = { termOf(id: number): string };

/**
 * Finds "solid state drive (SSD)" and "SSD solid state drive": a run of words beside the word of their initials.
 * Counts each pair in both directions, so that either finds the other.
 */
export function mineAcronyms(
  tokens: DocumentTokens,
  words: Words,
  found: Map<number, Map<string, number>>,
): void {
  for (let at = firstToken; at < tokens.length; at++) {
    const id = tokens[at] ?? 0;
    if (id === 0) continue;
    const acronym = words.termOf(id);
    if (!/^[a-z]{3,5}$/.test(acronym)) continue;
    for (const start of [at - acronym.length, at + 1]) {
      if (start < firstToken || start + acronym.length > tokens.length) continue;
      const phrase = Array.from(acronym, (_, offset) => words.termOf(tokens[start + offset] ?? 0));
      if (phrase.every((word, offset) => word.length > 1 && word.startsWith(acronym.charAt(offset)))) {
        count(found, id, phrase.join(" "));
      }
    }
  }
}

function count(found: Map<number, Map<string, number>>, acronym: number, phrase: string): void {
  const phrases = found.get(acronym) ?? new Map<string, number>();
  found.set(acronym, phrases);
  phrases.set(phrase, (phrases.get(phrase) ?? 0) + 1);
}
