import { expect, test } from "vitest";
import { noteRefusals, takeRefusals } from "./refusals.ts";

test("what was refused is kept until it is taken: errors, and user errors of a payload", () => {
  noteRefusals("query Cart { cart { id } }", { data: { cart: { id: "cart_1" } } });
  noteRefusals("query Cart { cart { id } }", { data: null, errors: [{ message: "no such cart" }] });
  const data = { checkout: { order: null, userErrors: [{ code: "CART_EMPTY" }] } };
  noteRefusals("mutation Checkout($input: CheckoutInput!) { checkout }", { data });
  expect(takeRefusals()).toEqual(['Cart: [{"message":"no such cart"}]', 'Checkout: [{"code":"CART_EMPTY"}]']);
  expect(takeRefusals()).toEqual([]);
});
