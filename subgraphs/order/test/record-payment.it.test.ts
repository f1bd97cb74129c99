import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop, eventsOf, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

/** An order that waits for its payment and knows of none, as after a restore from a backup that is older than that. */
async function unpaid() {
  const { order, orderToken } = await shop.checkout(shop.checkoutInput({ paymentMethod: null }));
  await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
  await shop.until(order.id, "AWAITING_PAYMENT");
  expect((await shop.read(order.id, orderToken)).payment).toBeNull();
  return { id: order.id as string, ...eventsOf(order.id), now: () => shop.read(order.id, orderToken) };
}

test("a payment of which the capture is the first event is shown with its order, and all its steps", async () => {
  const { id, now, captured } = await unpaid();
  const event = await shop.publish("PaymentCaptured", captured);
  await shop.until(id, "CONFIRMED");
  const order = await now();
  expect(order.payment).toEqual({ id: captured.paymentId });
  const steps = (order.timeline as { type: string; status: string }[]).map(
    (row) => `${row.type} ${row.status}`,
  );
  expect(steps.slice(-2)).toEqual(["PAYMENT_PROCESSED PAID", "ORDER_CONFIRMED CONFIRMED"]);
  const causes = await shop.service.kit.pg.sql<{ cause: string }[]>`
    select causation_id as cause from order_events where order_id = ${id} order by counter desc limit 2`;
  expect(causes.map(({ cause }) => cause)).toEqual([event.id, event.id]);
});

test.each([
  ["PaymentDisputed", { reason: "fraudulent" }],
  ["PaymentRefundedAtProvider", { isFull: false }],
] as const)("a payment of which %s is the first event is shown with its order", async (type, more) => {
  const { now, captured } = await unpaid();
  await shop.publish(type, { ...captured, ...more });
  await eventually(async () => (await now()).payment?.id === captured.paymentId, "it stayed invisible");
});
