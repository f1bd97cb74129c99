import { expect, test } from "vitest";
import {
  isUuid,
  firstIdOf,
  newId,
  partitionOf,
  partitions,
  secretId,
  shippingCodeOf,
  shippingOfferId,
  uuidv7,
} from "./ids.ts";

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

test("the id of a shipping offer names cart, destination and code, and gives the code back", () => {
  const home = { country: "US", region: "NV", city: "Reno", postalCode: "89501", line1: "1 Way" };
  const ids = [
    shippingOfferId("standard", "cart_1", home),
    shippingOfferId("express", "cart_1", home),
    shippingOfferId("standard", "cart_2", home),
    shippingOfferId("standard", "cart_1", { ...home, country: "DE" }),
    shippingOfferId("standard", "cart_1", { ...home, line1: "2 Way" }),
    shippingOfferId("standard", "cart_1", { ...home, line2: "Flat 1" }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(shippingOfferId("standard", "cart_1", { ...home, line2: null })).toBe(ids[0]);
  expect(ids.map(shippingCodeOf)).toEqual(["standard", "express", ...Array<string>(4).fill("standard")]);
  expect([shippingCodeOf("express"), shippingCodeOf("")]).toEqual(["express", ""]);
  expect(ids.join()).not.toContain("cart_1");
});

test("an id of a moment lies between the first of it and the first of the next", () => {
  for (const ms of [0, 1, Date.now(), 2 ** 40]) {
    const id = newId("ord", ms);
    expect(firstIdOf("ord", ms) <= id && id < firstIdOf("ord", ms + 1)).toBe(true);
  }
  expect(firstIdOf("ord", -5)).toBe(firstIdOf("ord", 0));
});
