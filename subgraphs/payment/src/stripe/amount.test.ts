import { money } from "@shop/values";
import { expect, test } from "vitest";
import { NotPayable, fromStripe, toStripe } from "./amount.ts";

test.each([
  ["USD", 1999, 1999],
  ["JPY", 500, 500],
  ["KWD", 1230, 1230],
  ["MGA", 50000, 500],
  ["HUF", 50000, 50000],
  ["TWD", 50000, 50000],
  ["RSD", 500, 500],
  ["ISK", 500, 50000],
  ["UGX", 500, 50000],
])("an amount in %s is counted as Stripe counts it, and back", (currency, ours, atStripe) => {
  const there = toStripe(money(ours, currency));
  expect(there).toEqual({ amount: atStripe, currency: currency.toLowerCase() });
  expect(fromStripe(there.amount, there.currency)).toEqual(money(ours, currency));
});

test.each([
  ["KWD", 1231],
  ["BHD", 5],
  ["MGA", 550],
])("an amount in %s that Stripe can't express is refused rather than rounded", (currency, amount) => {
  expect(() => toStripe(money(amount, currency))).toThrow(NotPayable);
});
