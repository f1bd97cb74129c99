import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Document, OperationName, Untyped } from "../src/answer.ts";
import { openShop, type OpenShop } from "../src/open-shop.ts";
import { address, key } from "../src/shopping.ts";
import { nextStepAfter, type NextStep } from "./snippets/checkout-outcome.ts";
import { logInWithCart } from "./snippets/guest-to-customer.ts";
import { textOf } from "./story.ts";

let open: OpenShop;
beforeAll(async () => {
  open = await openShop();
});
afterAll(() => open.close());

describe("what a shop front does after a checkout", () => {
  const checkOut = async (more: object): Promise<NextStep> => {
    const answer = await fetch(open.shop.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: textOf("checkout-lean"), variables: { input: more } }),
    });
    return nextStepAfter((await answer.json()) as Parameters<typeof nextStepAfter>[0]);
  };
  const inputOf = async (quantity: number) => {
    const { search } = await open.guest.get("search-page", {
      query: "lamp",
      first: 5,
      filters: { inStock: true },
    });
    const { product } = await open.guest.get("product-page", { slug: search.edges[0].node.slug });
    const lines = [{ sku: product.variants[0].sku, quantity }];
    const { cart } = await open.guest.carryOut("cart-create", { input: { lines } });
    return {
      ...{ cartId: cart.id, cartVersion: cart.version, email: "guest@shop.test", shippingAddress: address },
      ...{ shippingOptionId: "standard", idempotencyKey: key(), paymentMethod: { token: "pm_card_visa" } },
    };
  };

  test("is to watch the order, of the first try and of each repetition", async () => {
    const input = await inputOf(1);
    const first = await checkOut(input);
    expect(first.step).toBe("watch the order");
    expect(await checkOut(input)).toEqual(first);
    expect(await checkOut({ ...input, idempotencyKey: key() })).toEqual(first);
  });

  test("is what the refusal asks for", async () => {
    const input = await inputOf(1);
    expect(await checkOut({ ...input, email: "no e-mail" })).toMatchObject({ field: "input.email" });
    expect(await checkOut({ ...input, cartVersion: 99 })).toEqual({ step: "read the cart anew" });
    const expectedTotal = { amount: "0.01", currency: "USD" };
    expect(await checkOut({ ...input, expectedTotal })).toEqual({
      step: "show the cart again",
      problems: ["TotalChanged"],
    });
    expect(await checkOut({ ...input, shippingOptionId: "drone" })).toMatchObject({
      field: "input.shippingOptionId",
    });
    expect(await checkOut(await inputOf(999))).toEqual({
      step: "show the cart again",
      problems: ["NotEnoughStock"],
    });
    expect((await checkOut(input)).step, "none of these has used the key up").toBe("watch the order");
  });

  test("is to send it again where it may have been carried out", () => {
    const fault = (code: string) => nextStepAfter({ errors: [{ message: "", extensions: { code } }] });
    for (const code of ["SERVICE_UNAVAILABLE", "RATE_LIMITED", "INTERNAL_SERVER_ERROR"])
      expect(fault(code)).toEqual({ step: "send it again under the same key", afterSeconds: 2 });
    expect(fault("UNAUTHENTICATED")).toEqual({ step: "sign in again" });
  });
});

test("a guest who logs in takes the cart along, once, however often it is tried", async () => {
  const send = async (name: string, variables: object, token?: string): Promise<Untyped> =>
    await open.guest.as(token).get(textOf(name as OperationName) as Document, variables);
  const { search } = await open.guest.get("search-page", {
    query: "lamp",
    first: 5,
    filters: { inStock: true },
  });
  const { product } = await open.guest.get("product-page", { slug: search.edges[0].node.slug });
  const lines = [{ sku: product.variants[0].sku, quantity: 2 }];
  const { cart } = await open.guest.carryOut("cart-create", { input: { lines } });
  const person = { email: "second@shop.test", password: "demo-password-1", guestCartId: cart.id };
  const first = await logInWithCart(send, person);
  const again = await logInWithCart(send, person);
  expect(again.cartId).toBe(first.cartId);
  const { me } = await send("me-page", {}, again.accessToken);
  expect(me.cart).toMatchObject({ id: first.cartId, itemCount: 2 });
});
