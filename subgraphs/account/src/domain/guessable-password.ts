import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { bareWord, readings } from "./bare-word.ts";
import { knownWords } from "./known-words.ts";
import { withoutWords } from "./without-words.ts";

/**
 * The throttles leave some 1,500 guesses a day at one account (gateway/src/limits/throttle.ts): at the best order of
 * guessing, a password below this falls within two years.
 */
const leastGuesses = 1e6;

/** How much each known word in a password adds to the search: there are few, and an attacker tries them first. */
const guessesPerKnownWord = 10;

const ownWords = new Set(knownWords.flatMap((word) => spellings(bareWord(word))));

let estimator: ZxcvbnFactory | undefined;

/**
 * Whether the password is common, follows a pattern, or is made of these words (its user's) or known ones. Signs and digits
 * in front, behind and in between, and those that stand for letters, add only what they take to guess. Looks at the first 48
 * characters, 32 of each other reading, and tries 16 ways to read digits as letters, so that no crafted password takes long.
 */
export function isGuessable(password: string, words: readonly string[]): boolean {
  const inputs = [...new Set([...wordsOf(words), ...ownWords])];
  if (isBelow(password, 1, inputs)) return true;
  const all = readings(password.slice(0, 64));
  // As it stands, and with signs between letters as letters; the estimator reads digits as letters itself.
  for (const { bare, kinds } of all.slice(0, 2))
    if (bare !== password && isBelow(bare.slice(0, 32), guessesOfSigns(kinds), inputs)) return true;
  const [least] = all
    .map(({ bare, kinds }) => ({ ...withoutWords(bare, inputs), kinds }))
    .filter(({ taken }) => taken > 0)
    .sort((one, other) => one.rest.length - other.rest.length);
  if (!least) return false;
  const factor = guessesOfSigns(least.kinds) * guessesPerKnownWord ** (least.taken - 1);
  return isBelow(least.rest.slice(0, 32), factor, []);
}

function isBelow(text: string, factor: number, inputs: string[]): boolean {
  // Made at its first use, since that takes 200 ms and 9 MB.
  estimator ??= new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: 48,
    l33tMaxSubstitutions: 16,
  });
  return (text === "" ? 1 : estimator.check(text, inputs).guesses) * factor < leastGuesses;
}

/** One kind of sign is soon tried everywhere; each further one multiplies the search. */
function guessesOfSigns(kinds: number): number {
  return kinds === 0 ? 1 : 2 * 11 ** (kinds - 1);
}

/** A user's words: each whole, its parts between signs and between digits, and forwards and backwards. */
function wordsOf(words: readonly string[]): string[] {
  const parts = words.flatMap((word) => [
    word,
    ...word.split(/[^\p{L}\p{M}\p{N}]+/u),
    ...word.split(/[^\p{L}\p{M}]+/u),
  ]);
  return [...new Set(parts.flatMap((part) => spellings(bareWord(part))))];
}

function spellings(word: string): string[] {
  // Where a sign is a syllable or a word, two make a name or a word.
  const least = /^[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}]+$/u.test(word) ? 2 : 3;
  return Array.from(word).length < least ? [] : [word, Array.from(word).toReversed().join("")];
}
