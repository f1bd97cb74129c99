import { expect, test } from "vitest";
import { generateProducts } from "./generate-products.ts";

test("the demo catalogue is the same each time, whatever its size", () => {
  const some = [...generateProducts(300)];
  expect([...generateProducts(100)]).toEqual(some.slice(0, 100));
});

test("every SKU, slug and id is there once, and every price is right", () => {
  const products = [...generateProducts(3000)];
  const variants = products.flatMap((product) => product.variants);
  for (const keys of [
    products.map((p) => p.externalId),
    products.map((p) => p.slug),
    variants.map((v) => v.sku),
  ]) {
    expect(new Set(keys).size).toBe(keys.length);
  }
  for (const { price, prices } of variants) {
    for (const { amount } of [price, ...(prices ?? [])]) expect(amount).toMatch(/^\d+\.\d\d$/);
  }
  expect(products.every(({ categoryPath }) => categoryPath.length === 3)).toBe(true);
});
