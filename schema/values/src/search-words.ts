import { apostrophes, foldedText, plainText } from "./text.ts";

/** Of more text than this nothing is found by its end. */
const maxWordsLength = 10_000;
const maxQueryLength = 200;
const maxQueryWords = 8;
/** Fewer digits are no telephone number. */
const minDigits = 4;

/**
 * The words by which staff find a thing, as one text to search by `likePatterns`: plain letters, names with an apostrophe in both
 * ways, telephone numbers and postal codes without what stands between.
 */
export function searchWords(texts: { words: readonly string[]; numbers?: readonly string[] }): string {
  const words = texts.words.flatMap((text) => {
    const spaced = plainText(foldedText(text).replace(apostrophes, " "));
    return [...new Set([plainText(text), spaced])];
  });
  const numbers = (texts.numbers ?? []).map(numberOf);
  return ` ${[...words, ...numbers].filter(Boolean).join(" ").slice(0, maxWordsLength)} `;
}

/**
 * What a query must match of such a text: one of the alternatives, of which every pattern (of SQL's LIKE). None where the query
 * has no words. A word of one or two letters must be there whole, so that an index of trigrams serves it, too.
 */
export function likePatterns(query: string): string[][] {
  const text = query.toWellFormed().slice(0, maxQueryLength);
  const words = plainText(text)
    .split(" ")
    .map((word) => word.replace(/^#/, ""))
    .filter(Boolean)
    .slice(0, maxQueryWords);
  if (words.length === 0) return [];
  const digits = /^[+(\d][\d\s()+./-]*$/.test(text.trim()) ? numberOf(text).replace(/^0+/, "") : "";
  return [words.map(patternOf), ...(digits.length >= minDigits ? [[`%${digits}%`]] : [])];
}

function patternOf(word: string): string {
  const literal = word.replaceAll(/[\\%_]/g, String.raw`\$&`);
  return word.length < 3 ? `% ${literal} %` : `%${literal}%`;
}

/** Without what stands between; "(0)" is dialled within the country alone. */
const numberOf = (text: string): string =>
  plainText(text)
    .replaceAll("(0)", "")
    .replace(/[^\p{L}\p{N}]/gu, "");
