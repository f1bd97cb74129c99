import { expect, test } from "vitest";
import { withJoinedWords, withTypo } from "./alter-query.ts";

const queries = Array.from({ length: 200 }, (_, at) =>
  `lamp${String.fromCharCode(97 + (at % 26))}`.repeat(1 + (at % 3)),
);

test("a typo is one slip in any letter, the first and the last one too", () => {
  const altered = queries.map((query, seed): [string, string] => [query, withTypo(query, seed) ?? query]);
  expect(altered.every(([query, slip]) => query !== slip)).toBe(true);
  expect(altered.some(([query, slip]) => !slip.startsWith(query.charAt(0)))).toBe(true);
  expect(altered.some(([query, slip]) => slip.length === query.length && slip.at(-1) !== query.at(-1))).toBe(
    true,
  );
});

test("any two neighbouring words are joined", () => {
  const joined = queries.map((query) => withJoinedWords(`red ${query} shade`) ?? "");
  expect(joined.some((query) => query.startsWith("red "))).toBe(true);
  expect(joined.some((query) => query.endsWith(" shade"))).toBe(true);
  expect(withJoinedWords("lamp")).toBeUndefined();
});
