import type { Language } from "./language.ts";
import { stem } from "./stem.ts";
import { chunksOf } from "./tokenize.ts";

/** Phrases by the stems of another: `get("cell phone")` is [["mobile", "phone"], …]. */
type Phrases = ReadonlyMap<string, readonly string[][]>;

/** Words for the same thing, and words for its neighbours: other things that do in its place. */
export type Synonyms = { same: Phrases; near: Phrases };

/** Without any. */
export const noSynonyms: Synonyms = { same: new Map(), near: new Map() };

/**
 * Parses a synonym file: a line `couch, sofa` goes both ways, `pc => computer` one way; `headset ~ headphones` are neighbours;
 * # begins a comment.
 */
export function readSynonyms(file: string, languages: readonly Language[]): Synonyms {
  const same = new Map<string, string[][]>();
  const near = new Map<string, string[][]>();
  for (const line of file.split(/\r?\n/)) {
    const text = line.replace(/#.*/, "");
    const isNear = text.includes("~");
    const [left = "", right] = isNear ? [text.replaceAll("~", ",")] : text.split("=>");
    for (const language of languages) {
      const from = phrasesOf(left, language);
      const to = right === undefined ? from : phrasesOf(right, language);
      for (const phrase of from) for (const meaning of to) add(isNear ? near : same, phrase, meaning);
    }
  }
  return { same, near };
}

function add(to: Map<string, string[][]>, phrase: string[], meaning: string[]): void {
  const key = phrase.join(" ");
  if (key === "" || meaning.length === 0 || key === meaning.join(" ")) return;
  const known = to.get(key);
  if (known) known.push(meaning);
  else to.set(key, [meaning]);
}

function phrasesOf(list: string, language: Language): string[][] {
  return list.split(",").map((phrase) =>
    chunksOf(phrase)
      .flatMap((chunk) => chunk.parts)
      .map((word) => stem(word, language)),
  );
}
