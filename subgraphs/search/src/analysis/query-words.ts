import { isFunctionWord, type Language } from "./language.ts";
import { stemsOf } from "./stem.ts";
import { readInches } from "./inches.ts";
import { chunksOf, type Chunk } from "./tokenize.ts";

/** One word of a query, with all that it may be stemmed to. */
export type QueryWord = {
  /** Folded, as typed. */
  written: string;
  /** With its marks, as it is shown. */
  shown: string;
  /** Its stems in the shop's languages; the first is the main one. */
  stems: string[];
  /** What it is when tied to its neighbours ("wi-fi"): as one word. Shared by all parts. */
  joined: string | undefined;
  /** Stems of other words that it could be a slip of. */
  unlikely?: string[];
  /** Stems of what was typed, where few products have it: these come first. */
  first?: string[];
};

/** More than a person types; the rest is left out, so that no query is slow. */
export const longestQuery = 500;
const mostWords = 12;

/** The words that a query is about: function words are left out unless there is nothing else. */
export function queryWordsOf(query: string, spoken: readonly Language[]): QueryWord[] {
  const chunks = chunksOf(readInches(query.slice(0, longestQuery)));
  const meaningful = chunks.flatMap((chunk) => {
    const isId = chunk.parts.length > 1 && chunk.parts.some((part) => /\p{N}/u.test(part));
    return wordsOf(chunk, spoken).filter(
      ({ written }) => isId || !spoken.some((language) => isFunctionWord(written, language)),
    );
  });
  return (meaningful.length > 0 ? meaningful : chunks.flatMap((chunk) => wordsOf(chunk, spoken))).slice(
    0,
    mostWords,
  );
}

function wordsOf(chunk: Chunk, spoken: readonly Language[]): QueryWord[] {
  return chunk.parts.map((written, at) => ({
    written,
    shown: chunk.written[at] ?? written,
    stems: stemsOf(written, spoken),
    joined: chunk.joined && stemsOf(chunk.joined, spoken)[0],
  }));
}
