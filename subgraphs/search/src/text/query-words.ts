import { isFunctionWord, negatedBehind, isPreposition, type Language } from "./language.ts";
import { lackingTerm } from "./special-terms.ts";
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
  /** Its parts, which count side by side only. */
  compound?: string[];
  /** Stems of further words that it may be a misspelling of, with less weight. */
  otherCorrections?: string[];
  /** Whether it stands behind a preposition ("for kettles"), so that it doesn't name the thing itself. */
  isComplement?: boolean;
  /** The stems as typed, where a more frequent word replaced them: products with these come first. */
  typedStems?: string[];
};

/** Characters of a query; the rest is cut off, so that no query is slow. */
export const maxQueryLength = 500;
const maxWords = 12;

/**
 * The words of a query; function words are dropped unless there are no others, and a negator marks the word behind it: "sans
 * fil" means products without it. A single letter stays, unless it can be an article there: "D batteries", "vitamin a".
 */
export function queryWordsOf(query: string, languages: readonly Language[]): QueryWord[] {
  const chunks = chunksOf(readInches(query.slice(0, maxQueryLength)));
  const words: QueryWord[] = [];
  let isComplement = false;
  let isNegated = false;
  chunks.forEach((chunk, place) => {
    const isId = chunk.parts.length > 1 && chunk.parts.some((part) => /\p{N}/u.test(part));
    const isLast = words.length > 0 && place === chunks.length - 1;
    for (const word of wordsOf(chunk, languages)) {
      const { folded } = word;
      const isFunctional =
        !isId &&
        languages.some((language) => isFunctionWord(folded, language)) &&
        !isNameLetter(folded, chunk.parts.length, isLast);
      if (negatedBehind(folded) > 0) isNegated = true;
      else if (isFunctional) {
        isComplement ||= words.length > 0 && languages.some((language) => isPreposition(folded, language));
        continue;
      } else {
        words.push(marked(word, isComplement, isNegated));
        isNegated = false;
        continue;
      }
      isComplement ||= words.length > 0;
    }
  });
  const all = words.length > 0 ? words : chunks.flatMap((chunk) => wordsOf(chunk, languages));
  return all.slice(0, maxWords);
}

/** French elides "d" and "l" before an apostrophe only; an article is never the last word. */
function isNameLetter(folded: string, parts: number, isLast: boolean): boolean {
  return folded.length === 1 && parts === 1 && (folded === "d" || folded === "l" || isLast);
}

function marked(word: QueryWord, isComplement: boolean, isNegated: boolean): QueryWord {
  const plain = { ...word, ...(isComplement && { isComplement }) };
  if (!isNegated) return plain;
  return {
    ...plain,
    folded: lackingTerm(word.folded),
    stems: word.stems.map(lackingTerm),
    joined: undefined,
  };
}

function wordsOf(chunk: Chunk, languages: readonly Language[]): QueryWord[] {
  return chunk.parts.map((folded, at) => ({
    folded,
    surfaceForm: chunk.surfaceForms[at] ?? folded,
    stems: stemsOf(folded, languages),
    joined: chunk.joined && stemsOf(chunk.joined, languages)[0],
  }));
}

/** The stem in the shop's main language. */
export function mainStem(word: QueryWord): string {
  return word.stems[0] ?? word.folded;
}
