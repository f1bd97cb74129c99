import { firstToken, type DocumentTokens } from "./document-tokens.ts";
import { wordKinds } from "./word-kinds.ts";

type Words = { termOf(id: number): string; kindOf(id: number): number; initialOf(id: number): number };

const [shortest, longest] = [3, 5];

/**
 * Mines acronyms: a run of words whose initials spell another word of the same product, as in "light emitting diode … LED".
 * Counts products by acronym and phrase: `by` is -1 for a product that is removed or replaced, since otherwise a chance
 * match in a product that changes often would count often.
 */
export function mineAcronyms(
  tokens: DocumentTokens,
  words: Words,
  found: Map<number, Map<string, number>>,
  by: 1 | -1,
): void {
  const acronyms = new Map<number, number>();
  for (let at = firstToken; at < tokens.length; at++) {
    const id = tokens[at] ?? 0;
    if ((words.kindOf(id) & wordKinds.acronym) !== 0) acronyms.set(codeOf(words.termOf(id)), id);
  }
  if (acronyms.size === 0) return;
  const seen = new Set<string>();
  for (let start = firstToken; start < tokens.length; start++) {
    let code = 0;
    for (let length = 1; length <= longest; length++) {
      const word = tokens[start + length - 1] ?? 0;
      if ((words.kindOf(word) & wordKinds.spellsAcronym) === 0) break;
      const initial = words.initialOf(word);
      if (initial >= letters) break;
      code = code * letters + initial;
      const id = length < shortest ? undefined : acronyms.get(code);
      if (id === undefined) continue;
      const run = Array.from(tokens.subarray(start, start + length));
      if (run.includes(id)) continue;
      const phrase = run.map((each) => words.termOf(each)).join(" ");
      if (seen.has(phrase)) continue;
      seen.add(phrase);
      count(found, id, phrase, by);
    }
  }
}

// Letters are the digits of a number, since comparing numbers is cheaper than building words of initials. Five letters up to z fit.
const letters = 128;

function codeOf(acronym: string): number {
  let code = 0;
  for (let at = 0; at < acronym.length; at++) code = code * letters + acronym.charCodeAt(at);
  return code;
}

const minProducts = 3;

/** The expansions of an acronym: the phrase of most products, and others with at least half as many. Fewer than three products may be chance. */
export function likelyPhrases(phrases: ReadonlyMap<string, number>): string[][] {
  const least = Math.max(minProducts, Math.max(...phrases.values()) / 2);
  return [...phrases].filter(([, seen]) => seen >= least).map(([phrase]) => phrase.split(" "));
}

function count(found: Map<number, Map<string, number>>, acronym: number, phrase: string, by: 1 | -1): void {
  const phrases = found.get(acronym) ?? new Map<string, number>();
  found.set(acronym, phrases);
  const seen = (phrases.get(phrase) ?? 0) + by;
  if (seen > 0) phrases.set(phrase, seen);
  else phrases.delete(phrase);
}
