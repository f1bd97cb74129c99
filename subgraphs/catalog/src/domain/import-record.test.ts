import { expect, test } from "vitest";
import type { Marks } from "./import-marks.ts";
import { importRecord, readRecord, slugFor, type ImportContext, type ReadRecord } from "./import-record.ts";
import type { Product } from "./product.ts";

const category = { id: "cat_1", slug: "tea", name: "Tea", parentId: null, path: ["cat_1"] };
const now = new Date("2026-03-01T12:00:00Z");
let n = 0;
const newId = (prefix: string) => `${prefix}_${++n}`;

function record(over: object = {}): ReadRecord {
  const read = readRecord(
    {
      externalId: "77",
      title: "Green tea",
      description: "",
      categoryPath: ["Tea"],
      variants: [{ sku: "GT", price: { amount: "5", currency: "USD" } }],
      ...over,
    },
    "USD",
    [],
    JSON.stringify,
  );
  if ("errors" in read) throw new Error(read.errors[0]?.message);
  return read;
}

function withContext(existing?: Product, marks?: Marks): ImportContext {
  return { existing, marks, category, now, newId, hashOf: JSON.stringify };
}

function imported(from: ReadRecord, existing?: Product): Product {
  const result = importRecord(from, withContext(existing));
  if (!("product" in result)) throw new Error(result.errors[0]?.message);
  return result.product;
}

test("a record makes a product that is live at once, unless it says otherwise", () => {
  expect(imported(record())).toMatchObject({ status: "PUBLISHED", slug: "green-tea-77", externalId: "77" });
  expect(imported(record({ publish: false }))).toMatchObject({ status: "DRAFT", publishedAt: null });
});

test("the same record again changes nothing; another one of its id revises the product and keeps its ids", () => {
  const first = imported(record());
  expect(importRecord(record(), withContext(first)).outcome).toBe("UNCHANGED");
  const second = record({
    title: "Sencha",
    variants: [{ sku: "SE", price: { amount: "6", currency: "USD" } }],
  });
  const revised = imported(second, first);
  expect(revised).toMatchObject({ id: first.id, version: 2, title: "Sencha", slug: "green-tea-77" });
  expect(revised.variants.map((it) => [it.sku, it.isRetired])).toEqual([
    ["SE", false],
    ["GT", true],
  ]);
  expect(slugFor(second, first)).toBe("green-tea-77");
});

test("an archived product stays out of the shop", () => {
  const archived: Product = { ...imported(record()), status: "ARCHIVED" };
  const result = importRecord(record({ title: "Sencha" }), withContext(archived));
  expect(result).toMatchObject({ outcome: "REJECTED", errors: [{ code: "CONFLICT" }] });
});
