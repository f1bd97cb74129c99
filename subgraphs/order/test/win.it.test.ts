import { audienceKey, openBus, openLog, type Bus } from "@shop/service";
import { eventually, testMasterKey } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsOf, openShop, type Shop } from "./fixtures.ts";

let shop: Shop;
let payment: Bus;
beforeAll(async () => {
  shop = await openShop();
  payment = await openBus({
    ...{ url: shop.stores.natsUrl, service: "payment", identityKey: audienceKey(testMasterKey, "payment") },
    calleeKeys: { order: audienceKey(testMasterKey, "order") },
    log: openLog("payment", "silent"),
  });
});
afterAll(async () => {
  await payment[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
});

async function reserved() {
  const { order, orderToken } = await shop.checkout();
  const id: string = order.id;
  const { id: cause } = await shop.publish("InventoryReserved", eventsOf(id).reserved);
  await shop.until(id, "AWAITING_PAYMENT");
  const win = (attempt = 1) =>
    payment.request(
      "order.win",
      {
        ...{ orderId: id, paymentId: id.replace("ord_", "pay_"), attempt, cause },
        amount: { amount: 1200, currency: "USD" },
      },
      { kind: "guest" },
    );
  return { id, token: orderToken as string, cause, win, now: () => shop.read(id, orderToken) };
}

const types = (order: { timeline: { type: string }[] }) => order.timeline.map(({ type }) => type);
const paidOf = (id: string) => shop.service.events("OrderPaid").filter(({ sagaId }) => sagaId === id);

test("an order is won by a request, and its timeline and its end are those of the events", async () => {
  const order = await reserved();
  expect(await order.win()).toEqual({ outcome: "won" });
  expect(await order.now()).toMatchObject({ status: "PAID", payment: { id: expect.any(String) } });
  const rows = await shop.service.kit.pg.sql`
    select causation_id::text as cause from order_events where order_id = ${order.id} and type = 'PAYMENT_PROCESSED'`;
  expect([...rows]).toEqual([{ cause: order.cause }]);
  expect(await order.win()).toEqual({ outcome: "won" });
  expect(await order.win(2)).toMatchObject({ outcome: "not-yet" });

  await shop.publish("PaymentCaptured", eventsOf(order.id).captured);
  await shop.until(order.id, "CONFIRMED");
  expect(types(await order.now())).toEqual([
    ...["ORDER_INITIATED", "INVENTORY_RESERVED", "PAYMENT_PROCESSED", "ORDER_CONFIRMED"],
  ]);
  expect(paidOf(order.id)).toHaveLength(0);
});

test("a winner that goes on by events gets OrderPaid, once", async () => {
  const order = await reserved();
  await order.win();
  const processed = await shop.publish("PaymentProcessed", eventsOf(order.id).processed);
  const paid = await shop.service.waitForEvent("OrderPaid", ({ sagaId }) => sagaId === order.id);
  expect(paid.causationId).toBe(processed.id);
  await shop.service.republish(processed);
  await shop.publish("PaymentCaptured", eventsOf(order.id).captured);
  await shop.until(order.id, "CONFIRMED");
  expect(paidOf(order.id)).toHaveLength(1);
  expect(types(await order.now()).filter((type) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
});

test("of requests, an event and a cancel at once, one decides, and every reply agrees with it", async () => {
  const orders = await Promise.all(Array.from({ length: 12 }, reserved));
  await Promise.all(
    orders.map(async (order) => {
      const [replies] = await Promise.all([
        Promise.all([order.win(), order.win(), order.win()]),
        shop.publish("PaymentProcessed", eventsOf(order.id).processed),
        shop.cancel({ orderId: order.id, token: order.token, key: newId("key") }),
      ]);
      await shop.until(order.id, "CANCELLED");
      expect(await order.win()).toEqual({ outcome: "lost", reason: "ORDER_ENDED" });
      const rows = await eventually(async () => {
        const shown: { type: string; status: string }[] = (await order.now()).timeline;
        return shown.some(({ type }) => type === "PAYMENT_PROCESSED") ? shown : undefined;
      });
      const wasPaid = rows.some(({ status }) => status === "PAID");
      expect(rows.filter(({ type }) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
      if (replies.some(({ outcome }) => outcome === "won")) expect(wasPaid).toBe(true);
    }),
  );
});

test("an order that payment asks for without its stock, or that is unknown, is left to events", async () => {
  const { order } = await shop.checkout();
  const asked = { amount: { amount: 1200, currency: "USD" }, attempt: 1, paymentId: "pay_1" };
  const cause = "019ad4a1-2c00-7000-8000-000000000001";
  for (const orderId of [order.id, "ord_unknown"]) {
    const reply = await payment.request("order.win", { orderId, ...asked, cause }, { kind: "guest" });
    expect(reply).toMatchObject({ outcome: "not-yet" });
  }
});
