import type { RequestInput } from "@shop/events";
import type { Bus } from "@shop/service";
import { expect, test } from "vitest";
import { shippingCurrencies } from "./request-shipping-currencies.ts";
import { shippingOptions } from "./request-shipping-options.ts";

const option = {
  id: "standard",
  name: "Standard",
  price: { amount: 550, currency: "USD" },
  estimatedDelivery: "2026-03-05T12:00:00.000Z",
};
const address = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };
const input: RequestInput<"shipping.options"> = {
  weightGrams: 500,
  subtotal: { amount: 2000, currency: "USD" },
  address,
};
const guest = { kind: "guest" } as const;

test("while shipping is away its last reply to the same input stays valid, for a quarter of an hour", async () => {
  let isAway = false;
  let minutes = 0;
  const reply = async () => {
    if (isAway) throw new Error("away");
    return { options: [option] };
  };
  const request = shippingOptions({ request: reply as Bus["request"] }, () => minutes * 60_000);
  await request(input, guest);
  isAway = true;
  minutes = 14;
  expect(await request({ ...input, address: { ...address, name: "Bob" } }, guest)).toEqual([option]);
  await expect(request({ ...input, weightGrams: 501 }, guest)).rejects.toThrow("away");
  await expect(request({ ...input, address: { ...address, country: "FR" } }, guest)).rejects.toThrow("away");
  minutes = 16;
  await expect(request(input, guest)).rejects.toThrow("away");
});

test("what shipping said last of its currencies stands while it is away; before it ever replied, any may pass", async () => {
  let isAway = true;
  let minutes = 0;
  let asked = 0;
  const reply = async () => {
    asked++;
    if (isAway) throw new Error("away");
    return { currencies: ["USD", "EUR"] };
  };
  const isShippedIn = shippingCurrencies({ request: reply as Bus["request"] }, () => minutes * 60_000);
  expect(await isShippedIn("CHF", guest)).toBe(true);
  isAway = false;
  expect([await isShippedIn("CHF", guest), await isShippedIn("EUR", guest)]).toEqual([false, true]);
  expect(asked).toBe(2);
  isAway = true;
  minutes = 11;
  expect(await isShippedIn("CHF", guest)).toBe(false);
  expect(asked).toBe(3);
});
