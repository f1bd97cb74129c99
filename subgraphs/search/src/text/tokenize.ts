import { fold } from "./fold.ts";

/** A chunk of text between blanks: one word, or several that are hyphenated or otherwise tied ("wi-fi", "dv7-1211ea"). */
export type Chunk = {
  /** Folded words, in order. */
  parts: string[];
  /** The surface forms of the words: with diacritics, in lower case. */
  surfaceForms: string[];
  /** The joined form of all parts, if a hyphen, point, apostrophe or ampersand ties them. */
  joined: string | undefined;
  /** The position in the original text. */
  start: number;
  end: number;
};

const maxWordLength = 40;
// "M8 x 20" is one chunk, like "M8x20".
const chunkPattern =
  /[\p{L}\p{M}\p{N}]+(?:(?:[-‐‑_.,'’&/+:]|(?<=\p{N})\s+[x×]\s+(?=\p{N})|×(?=\p{N}))[\p{L}\p{M}\p{N}]+)*/gu;
const sizePattern = /^m?\p{N}+(?:[.,]\p{N}+)?(?:\s*[x×]\s*\p{N}+(?:[.,]\p{N}+)?)+\p{L}{0,3}$/u;
const ratioPattern = /^\p{N}+(?:[/:]\p{N}+)+/u;
const numberPattern = /^\p{N}+[.,]\p{N}+$/u;
const withoutBlanks = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Tokenizes text into chunks of words. Operators, quotes, brackets and emoji only separate. */
export function chunksOf(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  for (const match of text.matchAll(chunkPattern)) {
    const source = match[0];
    const parts = partsOf(source);
    if (parts.length === 0) continue;
    const tied = parts.length > 1 && !/[/,:+_]/.test(source) && !withoutBlanks.test(source);
    const joined = tied ? parts.join(sizePattern.test(source.toLowerCase()) ? "x" : "") : undefined;
    chunks.push({
      parts,
      surfaceForms: withMarks(source, parts),
      joined: joined && joined.length <= maxWordLength ? joined : undefined,
      start: match.index,
      end: match.index + source.length,
    });
  }
  return chunks;
}

function partsOf(source: string): string[] {
  if (numberPattern.test(source)) return [fold(source).replace(",", ".")];
  const folded = fold(source);
  if (sizePattern.test(folded)) return folded.split(/\s*[x×]\s*/u).map((number) => number.replace(",", "."));
  const [ratio] = ratioPattern.exec(source) ?? [];
  if (ratio !== undefined)
    return [...ratioPairs(ratio), ...(ratio === source ? [] : partsOf(source.slice(ratio.length)))];
  const words = folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return words.flatMap((word) =>
    withoutBlanks.test(word) ? bigramsOf(word) : [word.slice(0, maxWordLength)],
  );
}

/** "10/100/1000" as "10/100" and "100/1000": its numbers mean nothing by themselves. */
function ratioPairs(ratio: string): string[] {
  const numbers = ratio.split(/[/:]/);
  return numbers.slice(1).map((number, at) => `${numbers[at] ?? ""}/${number}`);
}

function withMarks(source: string, parts: string[]): string[] {
  const lower = source.toLowerCase();
  if (parts.length === 1 && parts[0] === lower) return parts;
  const marked = lower.normalize("NFC").split(/[^\p{L}\p{N}]+/u);
  const isSame = marked.length === parts.length && marked.every((word, at) => fold(word) === parts[at]);
  return isSame ? marked : parts;
}

// Scripts without blanks are indexed as bigrams, which need no dictionary.
function bigramsOf(word: string): string[] {
  const letters = Array.from(word);
  if (letters.length < 3) return [word];
  return letters.slice(1).map((letter, at) => `${letters[at] ?? ""}${letter}`);
}
