/** Stands where a word was, so that its neighbours make no new one. */
const gap = "\0";

/**
 * What a text leaves when the words are taken out of it, and how many were. Words of five letters and more are taken
 * anywhere; shorter ones are in many others, and count where such words make up all the letters between two digits.
 */
export function withoutWords(text: string, words: readonly string[]): { rest: string; taken: number } {
  let taken = 0;
  let rest = text;
  const long = words.filter((word) => word.length > 4).sort((one, other) => other.length - one.length);
  for (const word of long) {
    const parts = rest.split(word);
    taken += parts.length - 1;
    rest = parts.join(gap);
  }
  rest = rest.replace(/[\p{L}\p{M}]+/gu, (letters) => {
    const count = countOfWords(letters, words);
    taken += count;
    return count > 0 ? gap : letters;
  });
  return { rest: rest.replaceAll(gap, ""), taken };
}

/** How many of the words, one after another, make up the letters; 0 where they don't. */
function countOfWords(letters: string, words: readonly string[]): number {
  const counts: (number | undefined)[] = [0];
  for (let end = 1; end <= letters.length; end++) {
    const before = words
      .filter((word) => letters.endsWith(word, end))
      .map((word) => counts[end - word.length])
      .filter((count) => count !== undefined);
    counts[end] = before.length > 0 ? Math.min(...before) + 1 : undefined;
  }
  return counts[letters.length] ?? 0;
}
