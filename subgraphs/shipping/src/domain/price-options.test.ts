import { expect, test } from "vitest";
import { estimateDelivery, priceOptions } from "./price-options.ts";

const now = new Date("2026-03-01T12:00:00Z");
const price = (weightGrams: number, currency: string, country: string) =>
  priceOptions({ weightGrams, currency, country }, now).map(
    ({ id, price }) => `${id} ${price.amount} ${price.currency}`,
  );

test("shipping is priced by country, weight and the cart's own currency, cheapest first", () => {
  expect(price(300, "USD", "US")).toEqual(["standard 499 USD", "express 1499 USD"]);
  expect(price(1000, "EUR", "DE")).toEqual(["standard 449 EUR", "express 1399 EUR"]);
  expect(price(1001, "EUR", "DE")).toEqual(["standard 539 EUR", "express 1629 EUR"]);
  expect(price(4500, "GBP", "GB")).toEqual(["standard 1959 GBP", "express 3999 GBP"]);
  expect(price(0, "USD", "JP")).toEqual(["standard 2499 USD", "express 4999 USD"]);
});

test("nothing is sent where we don't go, and not for a currency without prices", () => {
  for (const country of ["AQ", "KP", "XX"]) expect(price(300, "USD", country)).toEqual([]);
  for (const currency of ["JPY", "constructor"]) expect(price(300, currency, "DE")).toEqual([]);
});

test("parcels come until six in the evening, express sooner", () => {
  expect(estimateDelivery("standard", "DE", now)).toBe("2026-03-04T18:00:00.000Z");
  expect(estimateDelivery("express", "DE", now)).toBe("2026-03-02T18:00:00.000Z");
  expect(estimateDelivery("express", "AQ", now)).toBeUndefined();
  expect(estimateDelivery("drone", "DE", now)).toBeUndefined();
});
