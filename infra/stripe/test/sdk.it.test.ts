import Stripe from "stripe";
import { expect, test } from "vitest";
import { givenStandIn } from "./fixtures.ts";

const authorised = (token = "pm_card_visa"): Stripe.PaymentIntentCreateParams => ({
  amount: 4200,
  currency: "usd",
  capture_method: "manual",
  confirm: true,
  payment_method: token,
  allowed_payment_method_types: ["card"],
  metadata: { orderId: "ord_1" },
});

test("a card is authorised, captured and refunded in parts", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const intent = await stripe.paymentIntents.create(authorised());
  expect(intent).toMatchObject({ status: "requires_capture", amount_capturable: 4200, livemode: false });
  const captured = await stripe.paymentIntents.capture(intent.id);
  expect(captured).toMatchObject({ status: "succeeded", amount_received: 4200, amount_capturable: 0 });

  await stripe.refunds.create({ payment_intent: intent.id, amount: 200 });
  const rest = await stripe.refunds.create({ payment_intent: intent.id });
  expect(rest.amount).toBe(4000);
  expect(await stripe.refunds.retrieve(rest.id)).toMatchObject({ amount: 4000, payment_intent: intent.id });
  const refunds = await stripe.refunds.list({ payment_intent: intent.id });
  expect(refunds.data.map((one) => one.amount)).toEqual([4000, 200]);
  await expect(stripe.refunds.create({ payment_intent: intent.id })).rejects.toMatchObject({
    code: "charge_already_refunded",
    statusCode: 400,
  });
});

test("an intent can be created, confirmed and cancelled in steps", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const intent = await stripe.paymentIntents.create({
    amount: 500,
    currency: "jpy",
    capture_method: "manual",
  });
  expect(intent.status).toBe("requires_payment_method");
  const confirmed = await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_mastercard" });
  expect(confirmed.status).toBe("requires_capture");
  const cancelled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: "abandoned" });
  expect(cancelled).toMatchObject({
    status: "canceled",
    cancellation_reason: "abandoned",
    amount_capturable: 0,
  });
  await expect(stripe.paymentIntents.capture(intent.id)).rejects.toMatchObject({
    code: "payment_intent_unexpected_state",
    payment_intent: { status: "canceled" },
  });
});

test.each([
  ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
])(
  "%s is declined as Stripe declines it, and another card may pay the same intent",
  async (token, code, decline) => {
    await using standIn = await givenStandIn();
    const stripe = standIn.sdk();
    const error = await stripe.paymentIntents.create(authorised(token)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code: decline });
    const declined = (error as InstanceType<typeof Stripe.errors.StripeCardError>).payment_intent;
    expect(declined).toMatchObject({ status: "requires_payment_method", last_payment_error: { code } });
    const paid = await stripe.paymentIntents.confirm(declined?.id ?? "", { payment_method: "pm_card_visa" });
    expect(paid.status).toBe("requires_capture");
  },
);

test("3-D Secure waits for the customer, who passes or fails", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const first = await stripe.paymentIntents.create(authorised("pm_card_authenticationRequired"));
  expect(first).toMatchObject({ status: "requires_action", next_action: { type: "use_stripe_sdk" } });
  await standIn.test(`payment_intents/${first.id}/authenticate`, { outcome: "fail" });
  const failed = await stripe.paymentIntents.retrieve(first.id);
  expect(failed).toMatchObject({
    status: "requires_payment_method",
    last_payment_error: { code: "payment_intent_authentication_failure" },
  });

  const second = await stripe.paymentIntents.create(authorised("pm_card_authenticationRequired"));
  await fetch(`${standIn.url}/authenticate/${second.client_secret}`, {
    method: "POST",
    body: new URLSearchParams({ outcome: "succeed" }),
  });
  expect((await stripe.paymentIntents.retrieve(second.id)).status).toBe("requires_capture");
  const again = await standIn.test(`payment_intents/${second.id}/authenticate`, { outcome: "succeed" });
  expect(again.status).toBe(400);
});

test("a capture that is refused for good ends the authorisation", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const intent = await stripe.paymentIntents.create(authorised("pm_card_captureRefused"));
  expect(intent.status).toBe("requires_capture");
  await expect(stripe.paymentIntents.capture(intent.id)).rejects.toMatchObject({
    code: "charge_expired_for_capture",
  });
  expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe("canceled");
});

test("the same idempotency key replays the same answer, a decline included", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const twice = () => stripe.paymentIntents.create(authorised(), { idempotencyKey: "one" });
  const [first, second] = [await twice(), await twice()];
  expect(second.id).toBe(first.id);
  expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");

  const decline = () =>
    stripe.paymentIntents
      .create(authorised("pm_card_chargeDeclined"), { idempotencyKey: "two" })
      .catch((error: InstanceType<typeof Stripe.errors.StripeCardError>) => error.payment_intent?.id);
  expect(await decline()).toBe(await decline());
  expect((await stripe.paymentIntents.list()).data).toHaveLength(2);
});

test("an idempotency key with other parameters is refused, and in use it conflicts", async () => {
  await using standIn = await givenStandIn({ faults: { latencyMs: 300 } });
  const stripe = standIn.sdk();
  const slow = stripe.paymentIntents.create(authorised(), { idempotencyKey: "one" });
  const hasty = async (): Promise<unknown> => {
    const error = await stripe.paymentIntents
      .create(authorised(), { idempotencyKey: "one" })
      .catch((e: unknown) => e);
    return error;
  };
  expect(await hasty()).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" });
  await slow;
  await standIn.test("faults", { latencyMs: "0" });
  const other = stripe.paymentIntents.create({ ...authorised(), amount: 1 }, { idempotencyKey: "one" });
  await expect(other).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
});

test("what is wrong with a request is said in Stripe's shapes", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  await expect(stripe.paymentIntents.create(authorised("pm_card_unheardOf"))).rejects.toMatchObject({
    statusCode: 400,
    code: "resource_missing",
    param: "payment_method",
  });
  await expect(stripe.paymentIntents.retrieve("pi_unheardOf")).rejects.toMatchObject({
    statusCode: 404,
    code: "resource_missing",
  });
  await expect(stripe.paymentIntents.create({ amount: 0, currency: "usd" })).rejects.toMatchObject({
    code: "parameter_invalid_integer",
    param: "amount",
  });
  await expect(stripe.paymentIntents.create({ amount: 49, currency: "usd" })).rejects.toMatchObject({
    code: "amount_too_small",
  });
  await expect(stripe.paymentIntents.create({ amount: 100_000_000, currency: "usd" })).rejects.toMatchObject({
    code: "amount_too_large",
  });
  const misspelt = { amount: 1, currency: "usd", captureMethod: "manual" };
  await expect(stripe.paymentIntents.create(misspelt)).rejects.toMatchObject({ code: "parameter_unknown" });
  await expect(stripe.customers.list()).rejects.toMatchObject({ statusCode: 404 });
});

test("a payment is disputed by its card or by a test, and decided by evidence or by a test", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const intent = await stripe.paymentIntents.create(authorised("pm_card_createDispute"));
  expect((await stripe.disputes.list({ payment_intent: intent.id })).data, "nothing is taken yet").toEqual(
    [],
  );
  await stripe.paymentIntents.capture(intent.id);
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
  expect(dispute).toMatchObject({ amount: 4200, status: "needs_response", reason: "fraudulent" });
  const refund = () => stripe.refunds.create({ payment_intent: intent.id });
  await expect(refund()).rejects.toMatchObject({ code: "charge_disputed" });
  const won = await stripe.disputes.update(dispute?.id ?? "", {
    evidence: { uncategorized_text: "winning_evidence" },
  });
  expect(won.status).toBe("won");
  expect((await refund()).amount).toBe(4200);

  const plain = await stripe.paymentIntents.create(authorised());
  expect((await standIn.test(`payment_intents/${plain.id}/dispute`, {})).status).toBe(400);
  await stripe.paymentIntents.capture(plain.id);
  const { body } = await standIn.test(`payment_intents/${plain.id}/dispute`, {
    reason: "product_not_received",
  });
  expect((await stripe.disputes.close(String(body["id"]))).status).toBe("lost");
  expect((await standIn.test(`disputes/${String(body["id"])}/close`, { outcome: "won" })).status).toBe(400);
});

test("what happened is listed as events, newest first, by type and time, whether anybody listens or not", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  const intent = await stripe.paymentIntents.create(authorised("pm_card_createDispute"));
  await stripe.paymentIntents.capture(intent.id);
  const plain = await stripe.paymentIntents.create({ ...authorised(), capture_method: "automatic" });
  await stripe.refunds.create({ payment_intent: plain.id, amount: 200 });
  const types = async (asked: Stripe.EventListParams) =>
    (await stripe.events.list(asked)).data.map(({ type }) => type);
  expect(await types({ types: ["charge.dispute.created", "refund.created", "charge.refunded"] })).toEqual([
    ...["charge.refunded", "refund.created", "charge.dispute.created"],
  ]);
  const all = await stripe.events.list({ limit: 2 }).autoPagingToArray({ limit: 100 });
  expect(all).toHaveLength((await types({ limit: 100 })).length);
  const now = Math.floor(Date.now() / 1000);
  expect(await types({ created: { gte: now + 60 } })).toEqual([]);
  const refunded = all.find(({ type }) => type === "charge.refunded");
  expect(refunded?.data.object).toMatchObject({
    payment_intent: plain.id,
    amount_refunded: 200,
    refunded: false,
  });
});

test("live keys, other keys and no key are refused", async () => {
  await using standIn = await givenStandIn();
  for (const key of ["sk_live_51abc", "rk_test_1", "pk_test_1"]) {
    await expect(standIn.sdk(key).paymentIntents.list()).rejects.toMatchObject({ statusCode: 401 });
  }
  expect((await fetch(`${standIn.url}/v1/payment_intents`)).status).toBe(401);
});

test("a reconciler can page through all intents of a time, newest first, by their metadata", async () => {
  await using standIn = await givenStandIn();
  const stripe = standIn.sdk();
  for (let n = 0; n < 7; n += 1) {
    await stripe.paymentIntents.create({ amount: 100, currency: "eur", metadata: { orderId: `ord_${n}` } });
  }
  const since = Math.floor(Date.now() / 1000) - 60;
  const orders: (string | undefined)[] = [];
  for await (const intent of stripe.paymentIntents.list({ limit: 3, created: { gte: since } })) {
    orders.push(intent.metadata["orderId"]);
  }
  expect(orders).toEqual(["ord_6", "ord_5", "ord_4", "ord_3", "ord_2", "ord_1", "ord_0"]);
  expect((await stripe.paymentIntents.list({ created: { lt: since } })).data).toEqual([]);
});

test("with a third of the answers lost, retries under the same key make one intent each", async () => {
  await using standIn = await givenStandIn({ faults: { lostResponses: 0.3 } });
  const stripe = standIn.sdk();
  const insist = async (n: number): Promise<string> => {
    try {
      return (await stripe.paymentIntents.create(authorised(), { idempotencyKey: `order-${n}` })).id;
    } catch (error) {
      if (error instanceof Stripe.errors.StripeConnectionError) return insist(n);
      throw error;
    }
  };
  const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => insist(n)));
  await standIn.test("faults", { lostResponses: "0" });
  const all = await stripe.paymentIntents.list({ limit: 100 });
  expect(new Set(all.data.map((one) => one.id))).toEqual(new Set(ids));
});

test("what was answered is still there after a restart, and replays", async () => {
  await using standIn = await givenStandIn();
  const intent = await standIn.sdk().paymentIntents.create(authorised(), { idempotencyKey: "one" });
  await standIn.restart();
  expect(await standIn.sdk().paymentIntents.retrieve(intent.id)).toMatchObject({
    status: "requires_capture",
  });
  const again = await standIn.sdk().paymentIntents.create(authorised(), { idempotencyKey: "one" });
  expect(again.id).toBe(intent.id);
});
