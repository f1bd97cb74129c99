import { eventually, staff } from "@shop/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { givenOrder, givenShop, shown, type Shop } from "./fixtures.ts";

const of = (orderId: string) => (event: { data: { orderId: string } }) => event.data.orderId === orderId;

describe.each([
  ["by webhook", { webhooks: true, payment: { RECONCILE_EVERY_S: "3600" } }],
  ["without a webhook", { webhooks: false, payment: { RECONCILE_EVERY_S: "0.5" } }],
  [
    "by webhooks that come twice, beside the reconciler",
    { webhooks: true, standIn: { STRIPE_DUPLICATE_WEBHOOKS: "1" }, payment: { RECONCILE_EVERY_S: "0.5" } },
  ],
])("what is made at the provider, heard of %s", (_, options) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await givenShop(options);
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  async function givenCaptured(token?: string) {
    const order = givenOrder(token);
    for (const event of [order.initiated, order.reserved]) await shop.service.publish(event);
    await shop.service.waitForEvent("PaymentProcessed", of(order.orderId));
    await shop.service.publish(order.paid);
    await shop.service.waitForEvent("PaymentCaptured", of(order.orderId));
    return { ...order, intent: await shop.intentOf(order.orderId) };
  }
  const disputeOf = async (intent: { id: string }) =>
    (await shop.sdk.disputes.list({ payment_intent: intent.id })).data[0];

  test("a partial refund changes figures, and the rest of it is a full one", async () => {
    const { orderId, intent } = await givenCaptured();
    await shop.sdk.refunds.create({ payment_intent: intent.id, amount: 1200 });
    await shop.statusIs(orderId, "PARTIALLY_REFUNDED");
    expect(await shown(shop.service, orderId)).toMatchObject([{ refunded: { amount: "12.00" } }]);
    await shop.sdk.refunds.create({ payment_intent: intent.id });
    await shop.statusIs(orderId, "REFUNDED");
    const published = () => shop.service.events("PaymentRefundedAtProvider").filter(of(orderId));
    await eventually(() => published().length === 2);
    expect(published().map(({ data }) => [data.amount.amount, data.isFull])).toEqual([
      [1200, false],
      [4200, true],
    ]);
  });

  test("a full refund of an order that is then cancelled is not paid back twice", async () => {
    const { orderId, intent, cancelled } = await givenCaptured();
    await shop.sdk.refunds.create({ payment_intent: intent.id });
    await shop.service.waitForEvent("PaymentRefundedAtProvider", of(orderId));
    await shop.service.publish(cancelled);
    await shop.statusIs(orderId, "REFUNDED");
    expect((await shop.sdk.refunds.list({ payment_intent: intent.id })).data).toHaveLength(1);
  });

  test("an order that is cancelled after a partial refund gets the rest back", async () => {
    const { orderId, intent, cancelled } = await givenCaptured();
    await shop.sdk.refunds.create({ payment_intent: intent.id, amount: 200 });
    await shop.statusIs(orderId, "PARTIALLY_REFUNDED");
    await shop.service.publish(cancelled);
    await shop.statusIs(orderId, "REFUNDED");
    expect(await shown(shop.service, orderId)).toMatchObject([{ refunded: { amount: "42.00" } }]);
  });

  test("our own refund is not told as one of the provider's", async () => {
    const { orderId, cancelled } = await givenCaptured();
    await shop.service.publish(cancelled);
    await shop.service.waitForEvent("PaymentRefunded", of(orderId));
    await shop.statusIs(orderId, "REFUNDED");
    expect(shop.service.events("PaymentRefundedAtProvider").filter(of(orderId))).toEqual([]);
  });

  test("a dispute is told, shown, and told again when it is decided", async () => {
    const { orderId, intent } = await givenCaptured("pm_card_createDispute");
    await shop.service.waitForEvent("PaymentDisputed", of(orderId));
    const dispute = await eventually(() => disputeOf(intent));
    await shop.sdk.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } });
    const closed = await shop.service.waitForEvent("PaymentDisputeClosed", of(orderId));
    expect(closed.data.outcome).toBe("WON");
    const { data } = await shop.service.graphql(
      `{ _entities(representations: [{ __typename: "Payment", id: "pay_${orderId.slice(4)}" }]) {
           ... on Payment { status dispute { status reason amount { amount } } } } }`,
      {},
      staff,
    );
    expect(data?.["_entities"]).toEqual([
      { status: "CAPTURED", dispute: { status: "WON", reason: "fraudulent", amount: { amount: "42.00" } } },
    ]);
  });

  test("an order that is cancelled while disputed is paid back once the dispute is decided", async () => {
    const lost = await givenCaptured("pm_card_createDispute");
    const won = await givenCaptured("pm_card_createDispute");
    for (const { orderId, cancelled } of [lost, won]) {
      await shop.service.waitForEvent("PaymentDisputed", of(orderId));
      await shop.service.publish(cancelled);
    }
    for (const [{ orderId, intent }, outcome] of [
      [lost, "lost"],
      [won, "won"],
    ] as const) {
      const dispute = await eventually(() => disputeOf(intent));
      expect(shop.service.events("PaymentRefunded").some(of(orderId))).toBe(false);
      await shop.atProvider(`disputes/${dispute.id}/close`, { outcome });
      const refunded = await shop.service.waitForEvent("PaymentRefunded", of(orderId));
      expect(refunded.data.amount.amount).toBe(4200);
      const refunds = (await shop.sdk.refunds.list({ payment_intent: intent.id })).data;
      expect(refunds).toHaveLength(outcome === "lost" ? 0 : 1);
    }
  });
});

test("a part that is captured by hand confirms nothing, and is paid back when the order has ended", async () => {
  await using shop = await givenShop({ payment: { RECONCILE_EVERY_S: "0.5" } });
  const order = givenOrder();
  const { orderId } = order;
  const of = (event: { data: { orderId: string } }) => event.data.orderId === orderId;
  for (const event of [order.initiated, order.reserved]) await shop.service.publish(event);
  await shop.service.waitForEvent("PaymentProcessed", of);
  const { id } = await shop.intentOf(orderId);
  await shop.sdk.paymentIntents.capture(id, { amount_to_capture: 100 });
  await shop.service.publish(order.paid);
  await shop.service.waitForEvent("PaymentCaptureFailed", of);
  expect(shop.service.events("PaymentCaptured").filter(of)).toEqual([]);
  await shop.service.publish(order.cancelled);
  const refunds = await eventually(async () => {
    const { data } = await shop.sdk.refunds.list({ payment_intent: id });
    return data.length > 0 ? data : undefined;
  }, "what was taken was not paid back");
  expect(refunds.map(({ amount }) => amount)).toEqual([100]);
});
