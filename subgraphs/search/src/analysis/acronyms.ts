import { firstToken, type DocumentTokens } from "./document-tokens.ts";
import { wordKinds } from "./word-kinds.ts";

type Words = { termOf(id: number): string; kindOf(id: number): number; initialOf(id: number): number };

/**
 * Finds what acronyms stand for: a run of words whose initials spell another word of the same product, as in
 * "light emitting diode … LED". Counts products by acronym and phrase.
 */
export function mineAcronyms(
  tokens: DocumentTokens,
  words: Words,
  found: Map<number, Map<string, number>>,
): void {
  const acronyms = new Set<number>();
  for (let at = firstToken; at < tokens.length; at++) {
    const id = tokens[at] ?? 0;
    if ((words.kindOf(id) & wordKinds.acronym) !== 0) acronyms.add(id);
  }
  for (const id of acronyms) {
    const acronym = words.termOf(id);
    const phrases = new Set<string>();
    for (let at = firstToken; at + acronym.length <= tokens.length; at++) {
      if (spells(tokens, at, id, acronym, words)) {
        phrases.add(Array.from(acronym, (_, offset) => words.termOf(tokens[at + offset] ?? 0)).join(" "));
      }
    }
    for (const phrase of phrases) count(found, id, phrase);
  }
}

function spells(tokens: DocumentTokens, start: number, id: number, acronym: string, words: Words): boolean {
  for (let offset = 0; offset < acronym.length; offset++) {
    const word = tokens[start + offset] ?? 0;
    if (words.initialOf(word) !== acronym.charCodeAt(offset)) return false;
    if (word === id || (words.kindOf(word) & wordKinds.spellsAcronym) === 0) return false;
  }
  return true;
}

const timesSeen = 3;

/** What an acronym stands for: the phrase most often seen with it, and others seen half as often; chance is seldom seen thrice. */
export function likelyPhrases(phrases: ReadonlyMap<string, number>): string[][] {
  const least = Math.max(timesSeen, Math.max(...phrases.values()) / 2);
  return [...phrases].filter(([, seen]) => seen >= least).map(([phrase]) => phrase.split(" "));
}

function count(found: Map<number, Map<string, number>>, acronym: number, phrase: string): void {
  const phrases = found.get(acronym) ?? new Map<string, number>();
  found.set(acronym, phrases);
  phrases.set(phrase, (phrases.get(phrase) ?? 0) + 1);
}
