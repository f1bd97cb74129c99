import { expect, test } from "vitest";
import { addCategories, pathKey } from "./add-categories.ts";

let n = 0;
const newId = (prefix: string) => `${prefix}_${++n}`;

test("a category is made once, under its parent, and found again", () => {
  const paths = [
    ["Home", "Kitchen", "Pots"],
    ["Home", "Kitchen"],
    ["Home", "Kitchen", "Pans"],
  ];
  const first = addCategories([], paths, newId);
  expect(first.added.map((it) => it.name)).toEqual(["Home", "Kitchen", "Pots", "Pans"]);
  expect(first.found.get(pathKey(["Home", "Kitchen", "Pans"]))?.path).toHaveLength(3);
  expect(addCategories(first.added, paths, newId).added).toEqual([]);
});

test("two categories of one name have slugs of their own", () => {
  const { added } = addCategories([], [["Men", "Shoes"], ["Women", "Shoes"], ["Shoes"]], newId);
  expect(new Set(added.map((it) => it.slug)).size).toBe(added.length);
  expect(added.map((it) => it.slug)).toContain("women-shoes");
});
