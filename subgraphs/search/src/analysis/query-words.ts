import { isFunctionWord, type Language } from "./language.ts";
import { stemsOf } from "./stem.ts";
import { readInches } from "./inches.ts";
import { chunksOf, type Chunk } from "./tokenize.ts";

/** One word of a query, with all that it may be stemmed to. */
export type QueryWord = {
  /** Folded, as typed. */
  folded: string;
  /** With its marks, as it is shown. */
  surfaceForm: string;
  /** Its stems in the shop's languages; the first is the main one. */
  stems: string[];
  /** What it is when tied to its neighbours ("wi-fi"): as one word. Shared by all parts. */
  joined: string | undefined;
  /** Stems of other words that it could be a slip of. */
  otherCorrections?: string[];
  /** Stems of what was typed, where few products have it: these come first. */
  typedStems?: string[];
};

/** More than a person types; the rest is left out, so that no query is slow. */
export const maxQueryLength = 500;
const maxWords = 12;

/** The words that a query is about: function words are left out unless there is nothing else. */
export function queryWordsOf(query: string, languages: readonly Language[]): QueryWord[] {
  const chunks = chunksOf(readInches(query.slice(0, maxQueryLength)));
  const meaningful = chunks.flatMap((chunk) => {
    const isId = chunk.parts.length > 1 && chunk.parts.some((part) => /\p{N}/u.test(part));
    return wordsOf(chunk, languages).filter(
      ({ folded }) => isId || !languages.some((language) => isFunctionWord(folded, language)),
    );
  });
  return (meaningful.length > 0 ? meaningful : chunks.flatMap((chunk) => wordsOf(chunk, languages))).slice(
    0,
    maxWords,
  );
}

function wordsOf(chunk: Chunk, languages: readonly Language[]): QueryWord[] {
  return chunk.parts.map((folded, at) => ({
    folded,
    surfaceForm: chunk.surfaceForms[at] ?? folded,
    stems: stemsOf(folded, languages),
    joined: chunk.joined && stemsOf(chunk.joined, languages)[0],
  }));
}
