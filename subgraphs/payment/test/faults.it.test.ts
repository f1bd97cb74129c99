import { eventually } from "@shop/testkit";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { givenOrder, givenShop, webhookSecret, type Shop } from "./fixtures.ts";

type Order = ReturnType<typeof givenOrder>;
const of = (order: Order) => (event: { data: { orderId: string } }) => event.data.orderId === order.orderId;

/** Drives every order to its end: won when authorised, cancelled when declined. */
async function settleAll(shop: Shop, orders: Order[]) {
  const { service } = shop;
  for (const order of orders) {
    await service.publish(order.initiated);
    await service.publish(order.reserved);
  }
  await Promise.all(
    orders.map(async (order) => {
      const answer = await eventually(
        () =>
          service.events("PaymentFailed").find(of(order)) ??
          service.events("PaymentProcessed").find(of(order)),
        `${order.orderId} was not answered`,
      );
      const isPaid = answer.type === "PaymentProcessed";
      await service.publish(isPaid ? order.paid : order.cancelled);
      await shop.statusIs(order.orderId, isPaid ? "CAPTURED" : "CANCELLED");
      // The graph shows CANCELLED once it is decided; the call to the provider may still be due.
      if (!isPaid) await eventually(async () => (await shop.intentOf(order.orderId)).status === "canceled");
    }),
  );
}

test("with a third of the provider's answers lost, each order has one intent and one outcome", async () => {
  await using shop = await givenShop({
    standIn: { STRIPE_LOST_RESPONSES: "0.3", STRIPE_LATENCY_MS: "5", STRIPE_DUPLICATE_WEBHOOKS: "0.3" },
  });
  const orders = Array.from({ length: 60 }, (_, n) =>
    givenOrder(n % 4 === 3 ? "pm_card_chargeDeclined" : "pm_card_visa"),
  );
  await settleAll(shop, orders);
  await shop.atProvider("faults", { lostResponses: "0" });

  const intents = await shop.intents();
  expect(intents.size).toBe(orders.length);
  const endings = orders.map((order, n) => {
    const found = intents.get(order.orderId)?.map((intent) => intent.status);
    return [found, n % 4 === 3 ? ["canceled"] : ["succeeded"]];
  });
  for (const [found, expected] of endings) expect(found).toEqual(expected);
  for (const type of ["PaymentProcessed", "PaymentCaptured"] as const) {
    expect(shop.service.events(type)).toHaveLength(45);
  }
  expect(shop.service.events("PaymentFailed")).toHaveLength(15);
});

test("a provider that is slower than our patience is asked again, and charges once", async () => {
  await using shop = await givenShop({
    standIn: { STRIPE_LATENCY_MS: "500" },
    payment: { STRIPE_TIMEOUT_MS: "200" },
  });
  const order = givenOrder();
  await shop.service.publish(order.initiated);
  await shop.service.publish(order.reserved);
  await eventually(async () => (await shop.intents()).has(order.orderId), "no intent was made");
  await shop.atProvider("faults", { latencyMs: "0" });
  await shop.service.waitForEvent("PaymentProcessed", of(order));
  expect((await shop.intentOf(order.orderId)).status).toBe("requires_capture");
});

test("a service that stops and starts in the midst of it finishes every payment", async () => {
  await using shop = await givenShop({ standIn: { STRIPE_LATENCY_MS: "30" } });
  const orders = Array.from({ length: 40 }, () => givenOrder());
  for (const order of orders) {
    await shop.service.publish(order.initiated);
    await shop.service.publish(order.reserved);
    await shop.service.publish(order.expired);
  }
  await shop.restart();
  for (const order of orders) await shop.statusIs(order.orderId, "CANCELLED");
  await eventually(async () =>
    [...(await shop.intents()).values()].every(
      ([one, ...more]) => one?.status === "canceled" && more.length === 0,
    ),
  );
});

describe("without webhooks", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await givenShop({ webhooks: false, payment: { RECONCILE_EVERY_S: "0.5" } });
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  test("the reconciler finds out that 3-D Secure was passed", async () => {
    const order = givenOrder("pm_card_authenticationRequired");
    await shop.service.publish(order.initiated);
    await shop.service.publish(order.reserved);
    await shop.service.waitForEvent("PaymentActionRequired", of(order));
    const intent = await shop.intentOf(order.orderId);
    await shop.atProvider(`payment_intents/${intent.id}/authenticate`, { outcome: "succeed" });
    await shop.service.waitForEvent("PaymentProcessed", of(order));
  });

  const make = (owner: string, orderId: string) =>
    shop.sdk.paymentIntents.create({
      amount: 100,
      currency: "usd",
      capture_method: "manual",
      confirm: true,
      payment_method: "pm_card_visa",
      metadata: { orderId, attempt: "1", shop: owner },
    });
  const status = async (id: string) => (await shop.sdk.paymentIntents.retrieve(id)).status;

  test("the reconciler gives back what nobody owns, and leaves other shops' intents alone", async () => {
    const [row] = await shop.service.kit.pg.sql<{ shop: string }[]>`select shop from provider`;
    const orderId = givenOrder().orderId;
    const stray = await make(row?.shop ?? "", orderId);
    const foreign = await make("another shop", givenOrder().orderId);
    await eventually(async () => (await status(stray.id)) === "canceled", "the stray was left", 30_000);
    expect(await status(foreign.id)).toBe("requires_capture");
    const [kept] = await shop.service.kit.pg
      .sql`select past_intents from payments where order_id = ${orderId}`;
    expect(kept).toEqual({ past_intents: [stray.id] });
  });

  test("an intent that can't be settled holds up no other, and is settled when it can be", async () => {
    const { sql } = shop.service.kit.pg;
    const [row] = await sql<{ shop: string }[]>`select shop from provider`;
    const [good, bad] = [givenOrder().orderId, givenOrder().orderId];
    await sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
      create trigger refuse before insert on payments for each row when (new.order_id = '${bad}')
        execute function refuse();`);
    const passes = await make(row?.shop ?? "", good);
    // The newest is looked at first.
    const fails = await make(row?.shop ?? "", bad);
    await eventually(async () => (await status(passes.id)) === "canceled", "it was held up", 30_000);
    expect(await status(fails.id)).toBe("requires_capture");
    await sql.unsafe("drop trigger refuse on payments");
    await eventually(async () => (await status(fails.id)) === "canceled", "it was forgotten", 30_000);
  });

  test("the reconciler brings a task back that was lost", async () => {
    const { pg } = shop.service.kit;
    const order = givenOrder();
    await shop.atProvider("faults", { latencyMs: "1500" });
    await shop.service.publish(order.initiated);
    await shop.service.publish(order.reserved);
    await eventually(() =>
      pg.sql`delete from tasks where kind = 'authorize' returning 1`.then((gone) => gone.length > 0),
    );
    await pg.sql`update payments set updated_at = now() - interval '2 minutes' where order_id = ${order.orderId}`;
    await shop.atProvider("faults", { latencyMs: "0" });
    await shop.service.waitForEvent("PaymentProcessed", of(order));
    await shop.intentOf(order.orderId);
  });
});

test("money that the bank set aside after the order had ended is let go, and the customer is told", async () => {
  await using shop = await givenShop({ webhooks: false });
  const order = givenOrder("pm_card_authenticationRequired");
  await shop.service.publish(order.initiated);
  await shop.service.publish(order.reserved);
  await shop.service.waitForEvent("PaymentActionRequired", of(order));
  const intent = await shop.intentOf(order.orderId);
  await shop.atProvider(`payment_intents/${intent.id}/authenticate`, { outcome: "succeed" });
  await shop.service.publish(order.expired);
  const refunded = await shop.service.waitForEvent("PaymentRefunded", of(order));
  expect(refunded.data.kind).toBe("VOIDED");
  expect((await shop.intentOf(order.orderId)).status).toBe("canceled");
  expect(shop.service.events("PaymentProcessed").filter(of(order))).toHaveLength(1);
});

describe("a webhook", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await givenShop({ webhooks: false });
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  const post = (body: string, secret: string, timestamp = Math.floor(Date.now() / 1000)) =>
    fetch(`${shop.service.url}/webhooks/stripe`, {
      method: "POST",
      body,
      headers: {
        "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }),
      },
    });

  async function givenWaiting() {
    const order = givenOrder("pm_card_authenticationRequired");
    await shop.service.publish(order.initiated);
    await shop.service.publish(order.reserved);
    await shop.service.waitForEvent("PaymentActionRequired", of(order));
    const intent = await shop.intentOf(order.orderId);
    const body = (status: string, id = `evt_${order.orderId}`) =>
      JSON.stringify({
        id,
        object: "event",
        type: "payment_intent.amount_capturable_updated",
        data: { object: { ...intent, status } },
      });
    return { order, intent, body };
  }

  test("that is forged, too old or unsigned is refused and leaves nothing", async () => {
    const { body } = await givenWaiting();
    const lie = body("requires_capture");
    expect((await post(lie, "whsec_of_somebody_else")).status).toBe(400);
    expect((await post(lie, webhookSecret, Math.floor(Date.now() / 1000) - 3600)).status).toBe(400);
    const unsigned = await fetch(`${shop.service.url}/webhooks/stripe`, { method: "POST", body: lie });
    expect(unsigned.status).toBe(400);
    expect(await shop.service.kit.pg.sql`select 1 from provider_events`).toHaveLength(0);
  });

  test("may be signed with the old secret or the next while one replaces the other", async () => {
    const secrets = { STRIPE_WEBHOOK_SECRET: `whsec_the_next_one , ${webhookSecret}` };
    await using changing = await givenShop({ webhooks: false, payment: secrets });
    const body = JSON.stringify({
      id: "evt_1",
      object: "event",
      type: "charge.updated",
      data: { object: {} },
    });
    const signedWith = async (secret: string) => {
      const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
      const headers = { "stripe-signature": signature };
      const url = `${changing.service.url}/webhooks/stripe`;
      return (await fetch(url, { method: "POST", body, headers })).status;
    };
    expect(await signedWith("whsec_the_next_one")).toBe(200);
    expect(await signedWith(webhookSecret)).toBe(200);
    expect(await signedWith("whsec_of_somebody_else")).toBe(400);
    expect(await signedWith(secrets.STRIPE_WEBHOOK_SECRET)).toBe(400);
  });

  test("about a payment that was captured a moment ago asks no store", async () => {
    const order = givenOrder("pm_card_visa");
    await shop.service.publish(order.initiated);
    await shop.service.publish(order.reserved);
    await shop.service.waitForEvent("PaymentProcessed", of(order));
    await shop.service.publish(order.paid);
    await shop.service.waitForEvent("PaymentCaptured", of(order));
    const intent = await shop.intentOf(order.orderId);
    const body = (status: string) =>
      JSON.stringify({
        ...{ id: `evt_${status}`, object: "event", type: "payment_intent.succeeded" },
        data: { object: { ...intent, status } },
      });
    const { sql } = shop.service.kit.pg;
    await sql`alter table payments rename to payments_away`;
    try {
      expect((await post(body("succeeded"), webhookSecret)).status).toBe(200);
    } finally {
      await sql`alter table payments_away rename to payments`;
    }
  });

  test("is only a reason to look: what it says isn't believed", async () => {
    const { order, intent, body } = await givenWaiting();
    expect((await post(body("requires_capture"), webhookSecret)).status).toBe(200);
    const tasks = () => shop.service.kit.pg.sql`select 1 from tasks where kind = 'settle-intent'`;
    await eventually(async () => (await tasks()).length === 0);
    expect(shop.service.events("PaymentProcessed").some(of(order))).toBe(false);

    await shop.atProvider(`payment_intents/${intent.id}/authenticate`, { outcome: "succeed" });
    expect((await post(body("requires_capture"), webhookSecret)).status).toBe(200);
    // The same event id again, so it is taken as known; another one makes us look.
    expect((await post(body("requires_capture", `evt_${intent.id}`), webhookSecret)).status).toBe(200);
    await shop.service.waitForEvent("PaymentProcessed", of(order));
    expect(
      await shop.service.kit.pg.sql`
        select 1 from provider_events where id in (${`evt_${order.orderId}`}, ${`evt_${intent.id}`})`,
    ).toHaveLength(2);
  });
});
