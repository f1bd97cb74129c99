import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { foldPassword, passwordVariants } from "./password-variants.ts";
import { passwordDictionary } from "./password-dictionary.ts";
import { removeWords } from "./remove-words.ts";

/**
 * The throttles leave some 1,500 guesses a day at one account (gateway/src/limits/attempt-rates.ts): in the best order of guesses,
 * a password below this minimum falls within two years.
 */
const minGuesses = 1e6;

/** The factor of each further dictionary word in a password: the dictionary is short, and attackers try it first. */
const guessesPerWord = 10;

const dictionaryWords = new Set(passwordDictionary.flatMap((word) => spellings(foldPassword(word))));

let estimator: ZxcvbnFactory | undefined;

/**
 * Whether the password is common, follows a pattern, or consists of these words (its user's) or of dictionary words. Symbols and
 * digits before, after and between words, and leet substitutions, add only the guesses that they cost. Checks the first
 * 48 characters, 32 of each variant, and 16 leet substitutions, so that no crafted password takes long.
 */
export function isGuessable(password: string, words: readonly string[]): boolean {
  const inputs = [...new Set([...wordsOf(words), ...dictionaryWords])];
  if (isBelow(password, 1, inputs)) return true;
  const variants = passwordVariants(password.slice(0, 64));
  // The first two: as typed, and with symbols between letters as letters. The estimator substitutes digits itself.
  for (const { text, separatorKinds } of variants.slice(0, 2))
    if (text !== password && isBelow(text.slice(0, 32), guessesOfSeparators(separatorKinds), inputs))
      return true;
  const [shortest] = variants
    .map(({ text, separatorKinds }) => ({ ...removeWords(text, inputs), separatorKinds }))
    .filter(({ removed }) => removed > 0)
    .sort((one, other) => one.rest.length - other.rest.length);
  if (!shortest) return false;
  const factor = guessesOfSeparators(shortest.separatorKinds) * guessesPerWord ** (shortest.removed - 1);
  return isBelow(shortest.rest.slice(0, 32), factor, []);
}

function isBelow(text: string, factor: number, inputs: string[]): boolean {
  // Opened at its first use, because it takes 200 ms and 9 MB.
  estimator ??= new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: 48,
    l33tMaxSubstitutions: 16,
  });
  return (text === "" ? 1 : estimator.check(text, inputs).guesses) * factor < minGuesses;
}

/** Attackers soon try one separator everywhere; each further one multiplies the guesses. */
function guessesOfSeparators(kinds: number): number {
  return kinds === 0 ? 1 : 2 * 11 ** (kinds - 1);
}

/** A user's words: each whole and in its parts between symbols and digits, forwards and backwards. */
function wordsOf(words: readonly string[]): string[] {
  const parts = words.flatMap((word) => [
    word,
    ...word.split(/[^\p{L}\p{M}\p{N}]+/u),
    ...word.split(/[^\p{L}\p{M}]+/u),
  ]);
  return [...new Set(parts.flatMap((part) => spellings(foldPassword(part))))];
}

function spellings(word: string): string[] {
  // In scripts of syllables or words, two characters are a name or a word.
  const minLength = /^[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}]+$/u.test(word) ? 2 : 3;
  return Array.from(word).length < minLength ? [] : [word, Array.from(word).toReversed().join("")];
}
