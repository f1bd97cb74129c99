import { expect, test } from "vitest";
import { readContent } from "./read-content.ts";

const usd = (amount: string) => ({ amount, currency: "USD" });
const input = { title: " Tea ", description: "", variants: [{ sku: "T", price: usd("5.00") }] };

test("what an author leaves out gets its usual value", () => {
  const { content, errors } = readContent(input, "USD", ["input"]);
  expect(errors).toEqual([]);
  expect(content).toMatchObject({ title: "Tea", brand: null, attributes: [], imageUrls: [] });
  expect(content.variants[0]).toMatchObject({ title: "Tea", weightGrams: 500 });
});

test("the shop's own price comes first, wherever it was written", () => {
  const variant = { sku: "T", price: { amount: "4.50", currency: "EUR" }, prices: [usd("5")] };
  const { content } = readContent({ ...input, variants: [variant] }, "USD", []);
  expect(content.variants[0]?.prices.map((it) => it.currency)).toEqual(["USD", "EUR"]);
});

test("all errors come at once, each at its field", () => {
  const variants = [
    { sku: "A", price: usd("0") },
    { sku: "A", price: usd("1.999"), weightGrams: -1 },
    { sku: "B", price: { amount: "100", currency: "JPY" } },
    { sku: "C", price: usd("5"), compareAtPrice: usd("4"), prices: [usd("6")] },
    { sku: "D", price: usd("100000000.01") },
  ];
  const { errors } = readContent({ ...input, title: " ", variants }, "USD", ["input"]);
  expect(errors.map(({ code, field }) => `${code} ${field?.join(".")}`)).toEqual([
    "INVALID_INPUT input.title",
    "INVALID_INPUT input.variants.0.price",
    "INVALID_INPUT input.variants.1.sku",
    "INVALID_INPUT input.variants.1.weightGrams",
    "INVALID_INPUT input.variants.1.price",
    "CURRENCY_NOT_SUPPORTED input.variants.2.price",
    "INVALID_INPUT input.variants.3.compareAtPrice",
    "INVALID_INPUT input.variants.3.prices.0",
    "INVALID_INPUT input.variants.4.price",
  ]);
});

test("what no database or message takes is cleaned or refused", () => {
  const { content } = readContent({ ...input, title: "Te\0a \ud83d" }, "USD", []);
  expect(content.title).toBe("Tea \ufffd");
  const attributes = Array.from({ length: 60 }, (_, at) => ({ name: `n${at}`, value: "x".repeat(9_000) }));
  const { errors } = readContent({ ...input, attributes }, "USD", ["input"]);
  expect(errors).toMatchObject([{ code: "INVALID_INPUT", field: ["input"] }]);
});
