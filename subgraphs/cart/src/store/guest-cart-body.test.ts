import { expect, test } from "vitest";
import { bodyOf, linesIn } from "./guest-cart-body.ts";

const line = (n: number, currency = "USD") => ({
  id: `line_${String(n).padStart(26, "0")}`,
  sku: `HEADPHONES-00000${n}`,
  variantId: `var_${String(n).padStart(26, "0")}`,
  quantity: 999,
  priceWhenAdded: { amount: 12_995, currency },
});
const updatedAt = new Date("2026-03-01T12:00:00.000Z");

test("a cart's body is read as it was written, and a hundred lines take less than 11 kB", () => {
  const cart = { currency: "USD", lines: [line(1), line(2, "EUR")], updatedAt };
  expect(linesIn(bodyOf(cart))).toEqual(cart);
  const full = { ...cart, lines: Array.from({ length: 100 }, (_, n) => line(n)) };
  expect(bodyOf(full).length).toBeLessThan(11_000);
});
