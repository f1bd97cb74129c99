import { isFunctionWord, type Language } from "./language.ts";
import { stemsOf } from "./stem.ts";
import { readInches } from "./inches.ts";
import { chunksOf, type Chunk } from "./tokenize.ts";

/** One word of a query, with its stems. */
export type QueryWord = {
  /** The folded word, as typed. */
  folded: string;
  /** The word with its diacritics, as it is shown. */
  surfaceForm: string;
  /** Its stems in the shop's languages; the first is the main one. */
  stems: string[];
  /** The joined form of a hyphenated word ("wi-fi"), shared by all of its parts. */
  joined: string | undefined;
  /** Stems of further words that it may be a misspelling of, with less weight. */
  otherCorrections?: string[];
  /** The stems as typed, where a more frequent word replaced them: products with these come first. */
  typedStems?: string[];
};

/** Characters of a query; the rest is cut off, so that no query is slow. */
export const maxQueryLength = 500;
const maxWords = 12;

/** The words of a query; function words are dropped unless there are no others. */
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
