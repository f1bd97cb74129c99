import { isFunctionWord, type Language } from "./language.ts";
import { stemsOf } from "./stem.ts";
import { chunksOf } from "./tokenize.ts";

/** One word of a query, with all that it may be stemmed to. */
export type QueryWord = {
  /** Folded, as typed. */
  written: string;
  /** Its stems in the shop's languages; the first is the main one. */
  stems: string[];
  /** What it is when tied to its neighbours ("wi-fi"): as one word. Shared by all parts. */
  joined: string | undefined;
  /** Stems of other words that it could be a slip of. */
  unlikely?: string[];
};

/** More than a person types; the rest is left out, so that no query is slow. */
export const longestQuery = 500;
const mostWords = 12;

/** The words that a query is about: function words are left out unless there is nothing else. */
export function queryWordsOf(query: string, spoken: readonly Language[]): QueryWord[] {
  const words = chunksOf(query.slice(0, longestQuery)).flatMap((chunk) =>
    chunk.parts.map((written) => ({
      written,
      stems: stemsOf(written, spoken),
      joined: chunk.joined && stemsOf(chunk.joined, spoken)[0],
    })),
  );
  const meaningful = words.filter(
    ({ written }) => !spoken.some((language) => isFunctionWord(written, language)),
  );
  return (meaningful.length > 0 ? meaningful : words).slice(0, mostWords);
}
