import { expect, test } from "vitest";
import { ndcg } from "./ndcg.ts";

const ratings = new Map([
  ["good", 3],
  ["fair", 1],
  ["bad", 0],
]);

test("the best order scores 1, another less, nothing found 0", () => {
  expect(ndcg(["good", "fair", "bad"], ratings)).toBe(1);
  expect(ndcg(["fair", "good"], ratings)).toBeCloseTo((1 + 7 / Math.log2(3)) / (7 + 1 / Math.log2(3)));
  expect(ndcg([], ratings)).toBe(0);
});

test("an unrated product takes a place and gains nothing", () => {
  expect(ndcg(["unknown", "good", "fair"], ratings)).toBeLessThan(1);
});

test("a query without any good product can't be scored", () => {
  expect(ndcg(["bad"], new Map([["bad", 0]]))).toBeNaN();
});
