/** Replaces a removed word, so that its neighbours form no new word. */
const gap = "\0";

/**
 * Removes the words from a text and counts them. Words of five letters and more are removed anywhere; shorter words occur
 * within many others, and are removed only where they make up a whole run of letters.
 */
export function removeWords(text: string, words: readonly string[]): { rest: string; removed: number } {
  let removed = 0;
  let rest = text;
  const long = words.filter((word) => word.length > 4).sort((one, other) => other.length - one.length);
  for (const word of long) {
    const parts = rest.split(word);
    removed += parts.length - 1;
    rest = parts.join(gap);
  }
  rest = rest.replace(/[\p{L}\p{M}]+/gu, (letters) => {
    const count = countOfWords(letters, words);
    removed += count;
    return count > 0 ? gap : letters;
  });
  return { rest: rest.replaceAll(gap, ""), removed };
}

/** The least number of words whose concatenation is the letters; 0 if there is none. */
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
