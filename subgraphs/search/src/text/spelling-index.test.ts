import { expect, test } from "vitest";
import { PrefixIndex } from "./prefix-index.ts";
import { SpellingIndex } from "./spelling-index.ts";

/** Different words of letters only. */
const wordOf = (number: number) =>
  `wo${Array.from({ length: 6 }, (_, at) => String.fromCharCode(97 + (Math.floor(number / 26 ** at) % 26))).join("")}`;

test.each([0, 100, 499, 501, 3_000])(
  "words are found and completed whenever they came, however many followed unsorted: %i at a time",
  (step) => {
    const [terms, vocabulary]: [string[], string[]] = [[""], [""]];
    const spelling = new SpellingIndex(terms, vocabulary, () => 1);
    const sorted = new PrefixIndex(terms);
    const last = 4_000;
    for (let number = 0; number <= last; number++) {
      terms.push(wordOf(number * 37));
      vocabulary.push(wordOf(number * 37));
      if (step === 0 || number % step === 0) {
        spelling.keepUp();
        sorted.keepUp();
      }
    }
    for (const number of [0, 1, 2_000, last - 1, last]) {
      const word = wordOf(number * 37);
      const slip = `${word.slice(0, 3)}${word.slice(4)}`;
      expect(spelling.similar([slip]).map(({ id }) => terms[id])).toContain(word);
      expect(sorted.startingWith(word, () => 1, 3).map((id) => terms[id])).toEqual([word]);
    }
  },
);
