import type { RequestReply } from "@shop/events";
import { customer } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { address, codes, openShop, quoteOf, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());
afterEach(() => {
  shop.quote = async (asked) => quoteOf(asked);
});

test("one cart version under two keys at once: one order, and CONFLICT with it for the other", async () => {
  const input = shop.checkoutInput();
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => shop.checkout({ ...input, idempotencyKey: newId("key") })),
  );
  const placed = answers.filter((answer) => codes(answer).length === 0);
  expect(placed).toHaveLength(1);
  for (const answer of answers) {
    if (answer === placed[0]) continue;
    expect(codes(answer)).toEqual(["CONFLICT"]);
    expect(answer.order.id).toBe(placed[0].order.id);
    expect(answer.orderToken).toBeNull();
  }
  expect(await shop.ordersOf(input)).toBe(1);
});

test("a version that was bought and moved on from is still a CONFLICT, to those whose it is", async () => {
  const input = shop.checkoutInput({ cartVersion: 3 });
  const { order } = await shop.checkout(input);
  shop.quote = async () => ({ outcome: "refused", code: "STALE_VERSION", message: "it has moved on" });
  const again = { ...input, idempotencyKey: newId("key") };
  const answer = await shop.checkout(again);
  expect(codes(answer)).toEqual(["CONFLICT"]);
  expect(answer.order.id).toBe(order.id);
  expect(codes(await shop.checkout(again, customer("usr_eve")))).toEqual(["STALE_VERSION"]);
  expect(codes(await shop.checkout({ ...again, cartVersion: 2 }))).toEqual(["STALE_VERSION"]);
});

const usd = (amount: number) => ({ amount, currency: "USD" });
const shortage = { lineId: "line_1", sku: "MUG", requested: 1, available: 0 };

test.each<[string, object, RequestReply<"cart.quote">]>([
  [
    "its own order holds the last unit",
    {},
    { outcome: "problems", notEnoughStock: [shortage], notForSale: [], cartVersion: 1 },
  ],
  [
    "its variant is sold no more",
    {},
    { outcome: "problems", notEnoughStock: [], notForSale: [shortage], cartVersion: 1 },
  ],
  [
    "nothing is shipped there any more",
    {},
    { outcome: "refused", code: "SHIPPING_UNAVAILABLE", message: "gone", cartVersion: 1 },
  ],
  [
    "the total has changed",
    { expectedTotal: { amount: "11.00", currency: "USD" } },
    quoteOf({ cartId: "", shippingOptionId: "standard", address }),
  ],
  [
    "its total is more than the provider takes",
    {},
    quoteOf(
      { cartId: "", shippingOptionId: "standard", address },
      {
        totals: {
          ...{ subtotal: usd(1e9), discount: usd(0), shipping: usd(0), tax: usd(0), total: usd(1e9) },
        },
      },
    ),
  ],
])("without a version, a cart that is an order already is a CONFLICT, though %s", async (_, more, reply) => {
  const input = shop.checkoutInput({ paymentMethod: null });
  const { order } = await shop.checkout(input);
  shop.quote = async () =>
    reply.outcome === "quoted" ? { ...reply, quote: { ...reply.quote, cartId: input.cartId } } : reply;
  const answer = await shop.checkout({ ...input, ...more, idempotencyKey: newId("key") });
  expect(codes(answer)).toEqual(["CONFLICT"]);
  expect(answer).toMatchObject({ order: { id: order.id }, problems: [] });
  const signedIn = await shop.checkout(
    { ...input, ...more, idempotencyKey: newId("key") },
    customer("usr_ada"),
  );
  expect(codes(signedIn)).toEqual(["CONFLICT"]);
});

test("who knows a guest's cart but not whose order it became learns its number and nothing else", async () => {
  const input = shop.checkoutInput({ cartVersion: 1 });
  const { order } = await shop.checkout(input);
  const nosy = { ...input, idempotencyKey: newId("key"), email: "eve@shop.test" };
  const elsewhere = { ...nosy, email: input.email, shippingAddress: { ...address, line1: "2 Way" } };
  const shout = { ...nosy, email: "ADA@shop.test" };
  const ask = async () => {
    for (const [asked, shown] of [
      [nosy, null],
      [elsewhere, null],
      [shout, { id: order.id }],
    ] as const) {
      const answer = await shop.checkout(asked);
      expect(answer).toMatchObject({ order: shown, orderToken: null, userErrors: [{ code: "CONFLICT" }] });
      expect(answer.userErrors[0].message).toContain(order.number);
    }
  };
  await ask();
  shop.quote = async () => ({ outcome: "refused", code: "STALE_VERSION", message: "it has moved on" });
  await ask();
});

test("two orders of one cart's lines have line ids of their own, in their events too", async () => {
  const input = shop.checkoutInput({ cartVersion: 1 });
  const orders = [
    await shop.checkout(input),
    await shop.checkout({ ...input, cartVersion: 2, idempotencyKey: newId("key") }),
  ].map(({ order }) => order as { id: string; lines: { id: string }[] });
  const [mine, theirs] = orders.map(({ lines }) => lines.map(({ id }) => id));
  expect([mine, theirs]).toEqual([[expect.stringMatching(/^oln_/)], [expect.stringMatching(/^oln_/)]]);
  expect(theirs).not.toEqual(mine);
  const event = await shop.service.waitForEvent("OrderInitiated", ({ sagaId }) => sagaId === orders[0]?.id);
  expect(event.data.lines.map(({ lineId }) => lineId)).toEqual(mine);
});
