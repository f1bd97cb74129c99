import { expect, test } from "vitest";
import { isUuid, newId, partitionOf, partitions, secretId, uuidv7 } from "./ids.ts";

test("ids sort by their time of birth", () => {
  const ids = [1, 2, 3, 2 ** 40].map((at) => newId("ord", at));
  expect(ids.toSorted()).toEqual(ids);
  expect(ids[0]).toMatch(/^ord_[0-9a-z]{26}$/);
});

test("secrets differ and event ids are UUIDs", () => {
  expect(new Set(Array.from({ length: 1000 }, () => secretId("cart"))).size).toBe(1000);
  expect(isUuid(uuidv7())).toBe(true);
});

test("partitions are stable and about even", () => {
  expect(partitionOf("ord_1")).toBe(partitionOf("ord_1"));
  const counts = Array.from({ length: partitions }, () => 0);
  for (let n = 0; n < 16_000; n++) {
    const at = partitionOf(newId("ord"));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
});
