import { audienceKey, sealSecret } from "@shop/service";
import { eventually, testMasterKey } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenOrder, givenShop, paymentOf, shown, total, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await givenShop({ standIn: { STRIPE_DUPLICATE_WEBHOOKS: "1" } });
});
afterAll(() => shop[Symbol.asyncDispose]());

type Order = ReturnType<typeof givenOrder>;

async function publish(...events: Order["initiated" | "reserved" | "paid" | "cancelled"][]) {
  for (const one of events as Order["initiated"][]) await shop.service.publish(one);
}
const of = (order: Order) => (event: { data: { orderId: string } }) => event.data.orderId === order.orderId;
const published = (order: Order, type: Parameters<typeof shop.service.events>[0]) =>
  shop.service.events(type).filter((event) => event.sagaId === order.orderId);

async function authorised(token?: string) {
  const order = givenOrder(token);
  await publish(order.initiated, order.reserved);
  const processed = await shop.service.waitForEvent("PaymentProcessed", of(order));
  return { order, processed };
}

test("an order is authorised when its stock is reserved, and captured when it is won", async () => {
  const { order, processed } = await authorised();
  expect(processed.data).toEqual({
    orderId: order.orderId,
    paymentId: paymentOf(order.orderId),
    attempt: 1,
    amount: total,
  });
  expect(await shop.intentOf(order.orderId)).toMatchObject({ status: "requires_capture", amount: 4200 });

  await publish(order.paid);
  const captured = await shop.service.waitForEvent("PaymentCaptured", of(order));
  expect(captured.aggregate.version).toBeGreaterThan(processed.aggregate.version);
  expect(await shop.intentOf(order.orderId)).toMatchObject({ status: "succeeded", amount_received: 4200 });
  const unknown = givenOrder().orderId;
  expect(await shown(shop.service, order.orderId, unknown)).toEqual([
    {
      id: paymentOf(order.orderId),
      status: "CAPTURED",
      amount: { amount: "42.00", currency: "USD" },
      refunded: { amount: "0.00" },
      clientSecret: null,
      failureReason: null,
    },
    null,
  ]);
});

test("messages in the wrong order and twice pay once", async () => {
  const order = givenOrder();
  const reserved = await shop.service.publish(order.reserved);
  const initiated = await shop.service.publish(order.initiated);
  await shop.service.republish(reserved);
  await shop.service.republish(initiated);
  await shop.service.waitForEvent("PaymentProcessed", of(order));
  await publish(order.paid);
  await shop.service.waitForEvent("PaymentCaptured", of(order));
  expect(published(order, "PaymentProcessed")).toHaveLength(1);
  expect((await shop.intents()).get(order.orderId)).toHaveLength(1);
});

test("a declined card is told, and another one pays the same order", async () => {
  const order = givenOrder("pm_card_visa_chargeDeclinedInsufficientFunds");
  await publish(order.initiated, order.reserved);
  const failed = await shop.service.waitForEvent("PaymentFailed", of(order));
  expect(failed.data).toMatchObject({ attempt: 1, reason: "Your card has insufficient funds." });
  expect(await shown(shop.service, order.orderId)).toMatchObject([
    { status: "FAILED", failureReason: "Your card has insufficient funds." },
  ]);
  await shop.service.publish(order.requested("pm_card_mastercard", 2));
  const processed = await shop.service.waitForEvent("PaymentProcessed", of(order));
  expect(processed.data.attempt).toBe(2);
  expect((await shop.intentOf(order.orderId)).status).toBe("requires_capture");
  expect(await shown(shop.service, order.orderId)).toMatchObject([
    { status: "AUTHORIZED", failureReason: null },
  ]);
});

test("an unknown payment method is a decline, and no trace of a method stays once it has been tried", async () => {
  const order = givenOrder("pm_nobody_knows");
  await publish(order.initiated, order.reserved);
  await shop.service.waitForEvent("PaymentFailed", of(order));
  const [row] = await shop.service.kit.pg.sql`select * from payments where order_id = ${order.orderId}`;
  expect(row).toMatchObject({ token: null, next_token: null, intent_id: null });
  await shop.service.publish(order.requested("pm_card_visa", 2));
  await shop.service.waitForEvent("PaymentProcessed", of(order));
});

test("a payment method that order has sealed for payment is opened to be charged, and kept sealed until then", async () => {
  const key = audienceKey(testMasterKey, "payment");
  const order = givenOrder(sealSecret("pm_card_visa", key));
  await publish(order.initiated);
  const kept = await eventually(async () => {
    const [row] = await shop.service.kit.pg.sql<{ next_token: string }[]>`
      select next_token from payments where order_id = ${order.orderId}`;
    return row?.next_token;
  });
  expect(kept).toMatch(/^sealed\./);
  await publish(order.reserved);
  await shop.service.waitForEvent("PaymentProcessed", of(order));

  const foreign = givenOrder(sealSecret("pm_card_visa", audienceKey(testMasterKey, "search")));
  await publish(foreign.initiated, foreign.reserved);
  const failed = await shop.service.waitForEvent("PaymentFailed", of(foreign));
  expect(failed.data.reason).toBe("This payment method was not accepted.");
});

test("a token that was never sealed is not charged: any service could have written it", async () => {
  const order = givenOrder();
  const initiated = { ...order.initiated, data: { ...order.initiated.data, paymentToken: "pm_card_visa" } };
  await publish(initiated, order.reserved);
  const failed = await shop.service.waitForEvent("PaymentFailed", of(order));
  expect(failed.data.reason).toBe("This payment method was not accepted.");
  expect((await shop.intents()).get(order.orderId)).toBeUndefined();
});

test("3-D Secure shows the client secret while it is needed; passed at the bank, the payment goes on", async () => {
  const order = givenOrder("pm_card_authenticationRequired");
  await publish(order.initiated, order.reserved);
  await shop.service.waitForEvent("PaymentActionRequired", of(order));
  const intent = await shop.intentOf(order.orderId);
  expect(await shown(shop.service, order.orderId)).toMatchObject([
    { status: "REQUIRES_ACTION", clientSecret: intent.client_secret },
  ]);
  await shop.atProvider(`payment_intents/${intent.id}/authenticate`, { outcome: "succeed" });
  await shop.service.waitForEvent("PaymentProcessed", of(order));
  expect(await shown(shop.service, order.orderId)).toMatchObject([
    { status: "AUTHORIZED", clientSecret: null },
  ]);
  expect(published(order, "PaymentProcessed")).toHaveLength(1);
});

test("3-D Secure failed at the bank is a decline, and the order may be paid again", async () => {
  const order = givenOrder("pm_card_authenticationRequired");
  await publish(order.initiated, order.reserved);
  await shop.service.waitForEvent("PaymentActionRequired", of(order));
  const intent = await shop.intentOf(order.orderId);
  await shop.atProvider(`payment_intents/${intent.id}/authenticate`, { outcome: "fail" });
  await shop.service.waitForEvent("PaymentFailed", of(order));
  await shop.service.publish(order.requested("pm_card_visa", 2));
  await shop.service.waitForEvent("PaymentProcessed", of(order));
});

test("an order cancelled before the capture gets its authorisation back", async () => {
  const { order } = await authorised();
  await publish(order.cancelled);
  const given = await shop.service.waitForEvent("PaymentRefunded", of(order));
  expect(given.data).toMatchObject({ kind: "VOIDED", amount: total });
  expect((await shop.intentOf(order.orderId)).status).toBe("canceled");
  await shop.statusIs(order.orderId, "CANCELLED");
});

test("an order cancelled after the capture gets its money back, once", async () => {
  const { order } = await authorised();
  await publish(order.paid);
  await shop.service.waitForEvent("PaymentCaptured", of(order));
  await publish(order.cancelled);
  await shop.service.publish(order.expired);
  const given = await shop.service.waitForEvent("PaymentRefunded", of(order));
  expect(given.data).toMatchObject({ kind: "REFUNDED", amount: total });
  const { id } = await shop.intentOf(order.orderId);
  expect((await shop.sdk.refunds.list({ payment_intent: id })).data.map((one) => one.amount)).toEqual([4200]);
  expect(await shown(shop.service, order.orderId)).toMatchObject([
    { status: "REFUNDED", refunded: { amount: "42.00" } },
  ]);
});

test("an order won and cancelled at the same moment ends without money at the shop", async () => {
  const orders = await Promise.all(Array.from({ length: 10 }, () => authorised()));
  await Promise.all(orders.map(({ order }) => publish(order.paid, order.cancelled)));
  for (const { order } of orders) {
    await shop.service.waitForEvent("PaymentRefunded", of(order));
    const intent = await shop.intentOf(order.orderId);
    const refunds = (await shop.sdk.refunds.list({ payment_intent: intent.id })).data;
    expect(intent.amount_received - refunds.reduce((sum, one) => sum + one.amount, 0)).toBe(0);
    expect(intent.amount_capturable).toBe(0);
  }
});

test("an order that ended before it was heard of is never charged", async () => {
  const order = givenOrder();
  await shop.service.publish(order.expired);
  await publish(order.initiated, order.reserved);
  await shop.statusIs(order.orderId, "CANCELLED");
  const after = await authorised();
  expect((await shop.intents()).has(after.order.orderId)).toBe(true);
  expect((await shop.intents()).has(order.orderId)).toBe(false);
});

test("an expired order that waits for its bank is closed, so that it can't be paid any more", async () => {
  const order = givenOrder("pm_card_authenticationRequired");
  await publish(order.initiated, order.reserved);
  await shop.service.waitForEvent("PaymentActionRequired", of(order));
  await shop.service.publish(order.expired);
  await shop.statusIs(order.orderId, "CANCELLED");
  await eventually(async () => (await shop.intentOf(order.orderId)).status === "canceled");
});

test("a capture that is refused for good is told, and its undo leaves nothing open", async () => {
  const { order } = await authorised("pm_card_captureRefused");
  await publish(order.paid);
  await shop.service.waitForEvent("PaymentCaptureFailed", of(order));
  await shop.service.publish(order.refused);
  await shop.statusIs(order.orderId, "CANCELLED");
  await eventually(async () => (await shop.intentOf(order.orderId)).status === "canceled");
});

test("all payments of a request are found by one query", async () => {
  const orders = await Promise.all(Array.from({ length: 5 }, () => authorised()));
  const ids = orders.map(({ order }) => paymentOf(order.orderId));
  const { pg } = shop.service.kit;
  const { sql } = pg;
  const asked: unknown[] = [];
  pg.sql = new Proxy(sql, {
    apply(target, self, args: [TemplateStringsArray, ...unknown[]]) {
      if (args[0].join("?").includes("as ids (id)")) asked.push(args[1]);
      return Reflect.apply(target, self, args) as unknown;
    },
  });
  try {
    const found = await shown(shop.service, ...orders.map(({ order }) => order.orderId));
    expect(found.every((one) => one?.["status"] === "AUTHORIZED")).toBe(true);
  } finally {
    pg.sql = sql;
  }
  // Webhooks may look at some of them meanwhile.
  expect(asked.filter((one) => Array.isArray(one) && one.length === ids.length)).toEqual([ids]);
});
