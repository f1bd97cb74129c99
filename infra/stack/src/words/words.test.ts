import { expect, test } from "vitest";
import { exceptions, withoutExceptions } from "./exceptions.ts";
import { findWords, placesIn, type Place } from "./find-words.ts";

const wordsOf = (file: string, text: string) =>
  placesIn(file, text).map(({ line, word }) => `${line} ${word}`);

test("comments, identifiers, file names and SQL count; strings in quotes don't", () => {
  expect(wordsOf("hear.ts", 'const a = "whoever";\n// Nobody\nconst HeardEvent = 1;')).toEqual([
    ...["2 nobody", "0 hear", "3 hear"],
  ]);
  expect(wordsOf("a.ts", "/** 8, unless\n * told else. */\nconst mostTries = 8, most = 1;")).toEqual([
    ...["1 unless told", "3 most… (a limit)"],
  ]);
  expect(wordsOf("a.sql", "alter table x add column buried_at date;")).toEqual(["1 bury"]);
  expect(wordsOf("a.ts", "const wishlist = shear;")).toEqual([]);
});

test("an exception is for so many places of a word in one file", () => {
  const place = (line: number): Place => ({ file: "gateway/a.ts", line, word: "wish" });
  const exception = { file: "gateway/a.ts", word: "wish", times: 1, because: "a test" };
  expect(withoutExceptions([place(1), place(2)], [exception])).toEqual([place(2)]);
});

test("there are fewer than ten exceptions, each with a reason, and each is still needed", () => {
  expect(exceptions.length).toBeLessThan(10);
  const places = findWords();
  for (const { file, word, times, because } of exceptions) {
    expect(because).toMatch(/\w+ \w+/);
    const found = places.filter((place) => place.file === file && place.word === word);
    expect({ file, times: found.length }).toEqual({ file, times });
  }
});
