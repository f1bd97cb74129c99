import { expect, test } from "vitest";
import { foldMeans, overlaps, unratedPairs } from "./compare-engines.ts";
import type { Judged } from "./judge-queries.ts";

function judged(...lists: [query: string, first: string[], unrated?: string[]][]): Judged[] {
  const scores = lists.map(([query, first, unrated = []], at) => ({
    ...{ rated: query, query, first, unrated },
    ...{ strict: at / 10, condensed: 0 },
  }));
  return [{ title: "as typed", scores, strict: 0, condensed: 0, unrated: 0, meanMs: 0 }];
}

test("two engines have in common what is among both first tens, the least first", () => {
  const one = judged(["lamp", ["a", "b"]], ["mug", ["a", "b", "c", "d"]], ["none", []]);
  const other = judged(["lamp", ["b", "a"]], ["mug", ["a", "x"]], ["none", []]);
  expect(overlaps(one, other)).toEqual([
    { query: "mug", share: 0.25 },
    { query: "lamp", share: 1 },
    { query: "none", share: 1 },
  ]);
});

test("what is unrated is listed once, in an order that shows neither engine nor rank", () => {
  const titles = new Map([
    ["7", "Lamp"],
    ["3", "Mug"],
  ]);
  const engines = [...judged(["lamp", ["7", "3"], ["7", "3"]]), ...judged(["lamp", ["3"], ["3"]])];
  expect(unratedPairs(engines, titles)).toEqual(["lamp,3,,Mug", "lamp,7,,Lamp"]);
});

test("each fifth query is of one part", () => {
  const scores =
    judged(..."abcdefghij".split("").map((query): [string, string[]] => [query, []]))[0]?.scores ?? [];
  expect(foldMeans(scores)).toEqual([0.25, 0.35, 0.45, 0.55, 0.65].map((mean) => expect.closeTo(mean)));
});
