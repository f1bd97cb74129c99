import { eventually } from "@shop/testkit";
import { expect, test } from "vitest";
import { givenOrder, givenShop, total } from "./fixtures.ts";

const of = (orderId: string) => (event: { data: { orderId: string } }) => event.data.orderId === orderId;

test("an event of the provider that always fails is parked, holds up nothing behind it, and is tried again", async () => {
  await using shop = await givenShop({ webhooks: false, payment: { RECONCILE_EVERY_S: "0.5" } });
  const { sql } = shop.service.kit.pg;
  const givenCaptured = async () => {
    const order = givenOrder();
    for (const event of [order.initiated, order.reserved]) await shop.service.publish(event);
    await shop.service.waitForEvent("PaymentProcessed", of(order.orderId));
    await shop.service.publish(order.paid);
    await shop.service.waitForEvent("PaymentCaptured", of(order.orderId));
    return { orderId: order.orderId, intentId: (await shop.intentOf(order.orderId)).id };
  };
  const parkedEvents = () => sql<{ failure: string }[]>`
    select failure from provider_events where failure is not null`;

  // Money of an order that is unknown is parked, and is an order's payment as soon as order knows it.
  const [row] = await sql<{ shop: string }[]>`select shop from provider`;
  const late = givenOrder().orderId;
  const forgotten = await shop.sdk.paymentIntents.create({
    ...{ amount: total.amount, currency: "usd", confirm: true, payment_method: "pm_card_visa" },
    metadata: { orderId: late, attempt: "1", shop: row?.shop ?? "" },
  });
  await eventually(async () => (await sql`select 1 from parked_intents`).length === 1, "it was never parked");

  const bad = await givenCaptured();
  await sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$;
    create trigger refuse before insert on tasks for each row
      when (new.kind = 'settle-books' and new.payload ->> 'orderId' = '${bad.orderId}') execute function refuse();`);
  await shop.sdk.refunds.create({ payment_intent: bad.intentId });
  const good = await givenCaptured();
  await shop.sdk.refunds.create({ payment_intent: good.intentId });
  await shop.statusIs(good.orderId, "REFUNDED");

  // Behind it, the cursor and the parked intents.
  const made = Math.max(...(await shop.sdk.events.list({ limit: 100 })).data.map(({ created }) => created));
  await eventually(async () => {
    const [cursor] = await sql<{ until: number }[]>`select events_until as until from provider`;
    return (cursor?.until ?? 0) > made + 1;
  }, "the cursor did not move on");
  shop.standings.set(late, { outcome: "known", total, isOver: false });
  await sql`update parked_intents set tried_at = now() - interval '1 hour'`;
  await shop.service.waitForEvent("PaymentCaptured", of(late));
  expect((await shop.sdk.refunds.list({ payment_intent: forgotten.id })).data).toEqual([]);

  // A refund has two events: of the refund, and of its charge.
  expect(await parkedEvents()).toEqual([{ failure: "not this one" }, { failure: "not this one" }]);
  await shop.statusIs(bad.orderId, "CAPTURED");
  const metrics = await (await fetch(`${shop.service.url}/metrics`)).text();
  expect(metrics).toMatch(/shop_payment_parked_total\{.*reason="EVENT_FAILED".*\} 2/);

  await sql.unsafe("drop trigger refuse on tasks");
  await sql`update provider_events set tried_at = now() - interval '1 hour' where failure is not null`;
  await shop.statusIs(bad.orderId, "REFUNDED");
  await eventually(async () => (await parkedEvents()).length === 0, "it stayed parked");
});
