import type { Language } from "./language.ts";
import { stem } from "./stem.ts";
import { chunksOf } from "./tokenize.ts";

/** Synonyms by the stems of a phrase: `get("cell phone")` is [["mobile", "phone"], …]. */
export type Synonyms = ReadonlyMap<string, readonly string[][]>;

/** Parses a synonym file: a line `couch, sofa` goes both ways, `pc => computer` one way; # begins a comment. */
export function readSynonyms(file: string, languages: readonly Language[]): Synonyms {
  const synonyms = new Map<string, string[][]>();
  const add = (phrase: string[], meaning: string[]) => {
    const key = phrase.join(" ");
    if (key === "" || meaning.length === 0 || key === meaning.join(" ")) return;
    const known = synonyms.get(key);
    if (known) known.push(meaning);
    else synonyms.set(key, [meaning]);
  };
  for (const line of file.split(/\r?\n/)) {
    const [left = "", right] = line.replace(/#.*/, "").split("=>");
    for (const language of languages) {
      const from = phrasesOf(left, language);
      const to = right === undefined ? from : phrasesOf(right, language);
      for (const phrase of from) for (const meaning of to) add(phrase, meaning);
    }
  }
  return synonyms;
}

function phrasesOf(list: string, language: Language): string[][] {
  return list.split(",").map((phrase) =>
    chunksOf(phrase)
      .flatMap((chunk) => chunk.parts)
      .map((word) => stem(word, language)),
  );
}
