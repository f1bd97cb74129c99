import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenOrder, givenShop, shown, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await givenShop({ standIn: { STRIPE_PENDING_REFUNDS: "1" }, payment: { RECONCILE_EVERY_S: "0.5" } });
});
afterAll(() => shop[Symbol.asyncDispose]());

const of = (orderId: string) => (event: { data: { orderId: string } }) => event.data.orderId === orderId;
const refundEvents = (orderId: string) => shop.service.events("PaymentRefunded").filter(of(orderId));
const settle = (id: string, outcome: "succeed" | "fail") =>
  shop.atProvider(`refunds/${id}/settle`, { outcome });

async function refundsOf(orderId: string) {
  const { id } = await shop.intentOf(orderId);
  return (await shop.sdk.refunds.list({ payment_intent: id })).data;
}

/** Captured, then cancelled: its refund is pending, and payment has seen that. */
async function givenPendingRefund() {
  const order = givenOrder();
  const { orderId } = order;
  for (const event of [order.initiated, order.reserved]) await shop.service.publish(event);
  await shop.service.waitForEvent("PaymentProcessed", of(orderId));
  await shop.service.publish(order.paid);
  await shop.service.waitForEvent("PaymentCaptured", of(orderId));
  await shop.service.publish(order.cancelled);
  const refund = await eventually(async () => (await refundsOf(orderId))[0], "no refund was asked for");
  await nothingIsDue(orderId);
  return { orderId, refund };
}

const nothingIsDue = (orderId: string) =>
  eventually(async () => {
    const { sql } = shop.service.kit.pg;
    return (await sql`select 1 from tasks where id like ${`${orderId}:%`}`).length === 0;
  });

async function expectUnpublished(orderId: string) {
  expect(await shown(shop.service, orderId)).toMatchObject([
    { status: "CAPTURED", refunded: { amount: "0.00" } },
  ]);
  expect(refundEvents(orderId)).toEqual([]);
}

test("a refund is told when it has succeeded, not while it is pending", async () => {
  const { orderId, refund } = await givenPendingRefund();
  await expectUnpublished(orderId);
  await settle(refund.id, "succeed");
  const refunded = await shop.service.waitForEvent("PaymentRefunded", of(orderId));
  expect(refunded.data).toMatchObject({ kind: "REFUNDED", amount: { amount: 4200 } });
  await shop.statusIs(orderId, "REFUNDED");
  expect(await refundsOf(orderId)).toHaveLength(1);
});

test("a refund that fails is never told, and made again under another key", async () => {
  const { orderId, refund } = await givenPendingRefund();
  await settle(refund.id, "fail");
  const [second] = await eventually(async () => {
    const made = await refundsOf(orderId);
    return made.length === 2 ? made : undefined;
  }, "the refund was not made again");
  await nothingIsDue(orderId);
  await expectUnpublished(orderId);
  await settle(second?.id ?? "", "succeed");
  await shop.service.waitForEvent("PaymentRefunded", of(orderId));
  expect((await refundsOf(orderId)).map(({ status }) => status)).toEqual(["succeeded", "failed"]);
});

test("a refund that fails after it had succeeded is made again, and told again", async () => {
  const { orderId, refund } = await givenPendingRefund();
  await settle(refund.id, "succeed");
  await shop.service.waitForEvent("PaymentRefunded", of(orderId));
  await settle(refund.id, "fail");
  const second = await eventually(async () => {
    const [newest] = await refundsOf(orderId);
    return newest?.status === "pending" ? newest : undefined;
  });
  await shop.statusIs(orderId, "CAPTURED");
  await settle(second.id, "succeed");
  await eventually(() => refundEvents(orderId).length === 2);
  await shop.statusIs(orderId, "REFUNDED");
});

test("what the bank sends back five times is left to a person, loudly, and what they do is seen", async () => {
  const { orderId } = await givenPendingRefund();
  for (let failed = 1; failed <= 5; failed++) {
    const made = await eventually(async () => {
      const all = await refundsOf(orderId);
      return all.length === failed ? all : undefined;
    }, `refund ${failed} was not made`);
    await nothingIsDue(orderId);
    await settle(made[0]?.id ?? "", "fail");
  }
  const metric = async () => (await fetch(`${shop.service.url}/metrics`)).text();
  await eventually(async () => /shop_payment_refunds_failed_total [1-9]/.test(await metric()));
  await nothingIsDue(orderId);
  expect(await refundsOf(orderId)).toHaveLength(5);
  await expectUnpublished(orderId);
  const { id } = await shop.intentOf(orderId);
  const byHand = await shop.sdk.refunds.create({ payment_intent: id });
  await settle(byHand.id, "succeed");
  await pollNow(orderId);
  await shop.service.waitForEvent("PaymentRefunded", of(orderId));
});

test("two that pay back at the same moment make one refund, and neither tells what is pending", async () => {
  const { orderId, refund } = await givenPendingRefund();
  await shop.atProvider("faults", { latencyMs: "150" });
  const { id: intentId } = await shop.intentOf(orderId);
  await settle(refund.id, "fail");
  // Other tries have other idempotency keys.
  const { sql } = shop.service.kit.pg;
  await sql`
    insert into tasks (id, kind, payload, attempts)
    select ${orderId} || ':again:' || n, 'undo', ${sql.json({ orderId, intentId })}, n from generate_series(1, 3) as n`;
  await eventually(async () => (await refundsOf(orderId)).length === 2);
  await nothingIsDue(orderId);
  await shop.atProvider("faults", { latencyMs: "0" });
  await expectUnpublished(orderId);
  const [newest, ...others] = await refundsOf(orderId);
  expect(others.map(({ status }) => status)).toEqual(["failed"]);
  await settle(newest?.id ?? "", "succeed");
  await shop.service.waitForEvent("PaymentRefunded", of(orderId));
});

test("a webhook that never comes is made up for by looking again", async () => {
  const { orderId, refund } = await givenPendingRefund();
  await shop.atProvider("faults", { webhookDelayMs: "3600000" });
  await settle(refund.id, "succeed");
  await pollNow(orderId);
  await shop.service.waitForEvent("PaymentRefunded", of(orderId));
  await shop.atProvider("faults", { webhookDelayMs: "50" });
});

/** As if a minute had passed. */
const pollNow = (orderId: string) =>
  shop.service.kit.pg
    .sql`update payments set updated_at = now() - interval '2 minutes' where order_id = ${orderId}`;
