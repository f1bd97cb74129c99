import { isFunctionWordAnywhere } from "./language.ts";
import { firstToken, type DocumentTokens } from "./document-tokens.ts";

type Words = { termOf(id: number): string };

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
    if (id !== 0 && /^[a-z]{3,5}$/.test(words.termOf(id))) acronyms.add(id);
  }
  for (const id of acronyms) {
    const acronym = words.termOf(id);
    const phrases = new Set<string>();
    for (let at = firstToken; at + acronym.length <= tokens.length; at++) {
      if (spells(tokens, at, acronym, words)) {
        phrases.add(Array.from(acronym, (_, offset) => words.termOf(tokens[at + offset] ?? 0)).join(" "));
      }
    }
    for (const phrase of phrases) count(found, id, phrase);
  }
}

function spells(tokens: DocumentTokens, start: number, acronym: string, words: Words): boolean {
  for (let offset = 0; offset < acronym.length; offset++) {
    const word = words.termOf(tokens[start + offset] ?? 0);
    if (word.length < shortestWord || word.charCodeAt(0) !== acronym.charCodeAt(offset)) return false;
    if (word === acronym || /\P{L}/u.test(word) || isFunctionWordAnywhere(word)) return false;
  }
  return true;
}

const shortestWord = 3;
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
