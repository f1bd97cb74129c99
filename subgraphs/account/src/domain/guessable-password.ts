import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

/**
 * The throttles leave some 1,500 guesses a day at one account (gateway/src/limits/throttle.ts): at the best order of
 * guessing, a password below this falls within two years.
 */
const leastGuesses = 1e6;

/** Of the shop itself; everybody knows them. */
const shopWords = ["shop", "ecommerce", "supergraph"];

let estimator: ZxcvbnFactory | undefined;

/**
 * Whether the password is common, follows a pattern, or is made of the shop's name or these words. Looks at the first 64
 * characters and tries 32 ways to read digits as letters: more took up to 2 s for one crafted password, these take 30 ms.
 */
export function isGuessable(password: string, words: readonly string[]): boolean {
  // Made at its first use, since that takes 200 ms and 9 MB.
  estimator ??= new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: 64,
    l33tMaxSubstitutions: 32,
  });
  const known = [...words, ...words.flatMap((word) => word.split(/[^\p{L}\p{M}\p{N}]+/u)), ...shopWords];
  const input = known.map((word) => word.toLowerCase()).filter((word) => word.length >= 3);
  return estimator.check(password, input).guesses < leastGuesses;
}
