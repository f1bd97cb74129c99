import { expect, test } from "vitest";
import { likePatterns, searchWords } from "./search-words.ts";

const words = searchWords({
  words: ["AB12CD34", "zoe@shop.test", "Zoë Möller", "NV-200/T", "Łukasz O’Neill", "SW1A 1AA", "Straße 100%"],
  numbers: ["+49 (0)30 123-456", "SW1A 1AA", "01067"],
});

/** As SQL's LIKE does. */
function isFound(query: string): boolean {
  const isLike = (pattern: string) => {
    const literal = pattern.slice(1, -1).replaceAll(/\\([\\%_])/g, "$1");
    return words.includes(literal);
  };
  return likePatterns(query).some((all) => all.every(isLike));
}

test.each([
  ...["Zoe Moller", "zoë möller", "moller zoe", "MÖLLER", "Zoe\u0308", "zo\u200be"],
  ...["O'Neill", "O’Neill", "oʼneill", "oneill", "o neill", "lukasz"],
  ...["#AB12CD34", "ab12cd34", "12cd"],
  ...["nv-200/t", "NV-200", "zoe@shop", "strasse", "100%"],
  ...["+49 30 123456", "030 123-456", "(030) 123456", "4930123456", "+49 (0)30 123456", "123 456"],
  ...["SW1A 1AA", "sw1a1aa", "01067", "1067"],
])("%j is found", (query) => expect(isFound(query)).toBe(true));

test.each(["Zoe Miller", "neil x", "zo", "#AB12CD35", "030 123457", "100_", "99999"])("%j is not", (query) =>
  expect(isFound(query)).toBe(false),
);

test.each(["", "  ", "#", "\u200b"])("%j asks for nothing", (query) =>
  expect(likePatterns(query)).toEqual([]),
);

test("a query is bounded, and so is what is searched", () => {
  expect(likePatterns("word ".repeat(100))[0]).toHaveLength(8);
  expect(searchWords({ words: ["x".repeat(20_000)] }).length).toBeLessThanOrEqual(10_002);
});
