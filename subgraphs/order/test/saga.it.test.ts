import { eventually } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SubscribedEvent } from "../src/domain/index.ts";
import { received } from "./builders.ts";
import { openStore } from "../src/store/store.ts";
import { codes, openShop, eventsOf, sealed, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const types = (order: { timeline: { type: string }[] }) => order.timeline.map(({ type }) => type);

async function placed(more: object = {}) {
  const { order, orderToken } = await shop.checkout(shop.checkoutInput(more));
  const id: string = order.id;
  const now = () => shop.read(id, orderToken);
  return { id, token: orderToken as string, events: eventsOf(id), now };
}

async function reserved(more: object = {}) {
  const order = await placed(more);
  await shop.publish("InventoryReserved", order.events.reserved);
  await shop.until(order.id, "AWAITING_PAYMENT");
  return order;
}

describe("the saga", () => {
  test("reserved, paid, captured, scheduled: each step is published, and the timeline is whole", async () => {
    const order = await reserved();
    expect((await order.now()).expiresAt).toBeTruthy();
    const processed = await shop.publish("PaymentProcessed", order.events.processed);
    const paid = await shop.service.waitForEvent("OrderPaid", ({ sagaId }) => sagaId === order.id);
    expect(paid.causationId).toBe(processed.id);
    await shop.publish("PaymentCaptured", order.events.captured);
    const confirmed = await shop.service.waitForEvent("OrderConfirmed", ({ sagaId }) => sagaId === order.id);
    expect(confirmed.data.allocations).toEqual(order.events.reserved.allocations);
    await shop.publish("ShipmentScheduled", order.events.scheduled);
    const now = await eventually(async () => {
      const read = await order.now();
      return read.shipments.length > 0 && read;
    });
    expect(now).toMatchObject({ status: "CONFIRMED", expiresAt: null });
    expect(now.shipments[0].order.id).toBe(order.id);
    expect(types(now)).toEqual([
      ...["ORDER_INITIATED", "INVENTORY_RESERVED", "PAYMENT_PROCESSED", "ORDER_CONFIRMED"],
      "SHIPMENT_SCHEDULED",
    ]);
  });

  test("an event delivered again, and the same fact under another id, have one effect", async () => {
    const order = await reserved();
    const sent = await shop.publish("PaymentProcessed", order.events.processed);
    await shop.service.republish(sent);
    await shop.publish("PaymentProcessed", order.events.processed);
    await shop.publish("PaymentCaptured", order.events.captured);
    await shop.until(order.id, "CONFIRMED");
    expect(types(await order.now()).filter((type) => type === "PAYMENT_PROCESSED")).toHaveLength(1);
    expect(shop.service.events("OrderPaid").filter(({ sagaId }) => sagaId === order.id)).toHaveLength(1);
  });

  test("what can't be had rejects the order with a reason", async () => {
    const order = await placed();
    await shop.publish("InventoryReservationFailed", {
      orderId: order.id,
      shortages: [{ lineId: "line_1", sku: "MUG", requested: 2, available: 0 }],
    });
    await shop.until(order.id, "REJECTED");
    expect((await order.now()).statusReason).toBe("Not enough in stock: Mug (sold out).");
    await shop.service.waitForEvent("OrderRejected", ({ sagaId }) => sagaId === order.id);
  });
});

describe("orderPay", () => {
  test("waits for the provider; a decline is answered beside the order, which may be paid again", async () => {
    const order = await reserved({ paymentMethod: null });
    expect((await order.now()).payment).toBeNull();
    const first = { orderId: order.id, token: order.token, key: newId("key") };
    const paying = shop.pay(first);
    const asked = await shop.service.waitForEvent("PaymentRequested", ({ sagaId }) => sagaId === order.id);
    expect(asked.data).toMatchObject({ attempt: 2, paymentToken: sealed, total: { amount: 1200 } });
    await shop.publish("PaymentFailed", order.events.failed(2));
    const declined = await paying;
    expect(codes(declined)).toEqual(["PAYMENT_DECLINED"]);
    expect(declined.userErrors[0]?.message).toBe("The payment was declined: insufficient funds");
    expect(declined.order).toMatchObject({ id: order.id, status: "AWAITING_PAYMENT" });

    const again = shop.pay({ orderId: order.id, token: order.token });
    await shop.service.waitForEvent(
      "PaymentRequested",
      (it) => it.sagaId === order.id && it.data.attempt === 3,
    );
    await shop.publish("PaymentProcessed", { ...order.events.processed, attempt: 3 });
    const paid = await again;
    expect(paid.userErrors).toEqual([]);
    expect(["PAID", "CONFIRMED"]).toContain(paid.order.status);
    expect(codes(await shop.pay({ orderId: order.id, token: order.token }))).toEqual(["ORDER_NOT_PAYABLE"]);
    expect((await shop.pay(first)).userErrors).toEqual(declined.userErrors);
  });

  test("the same key twice at once is one attempt, and both get its outcome", async () => {
    const order = await reserved({ paymentMethod: null });
    const variables = { orderId: order.id, token: order.token, key: newId("key") };
    const both = Promise.all([shop.pay(variables), shop.pay(variables)]);
    await shop.service.waitForEvent("PaymentRequested", ({ sagaId }) => sagaId === order.id);
    await shop.publish("PaymentFailed", order.events.failed(2));
    for (const answer of await both) expect(codes(answer)).toEqual(["PAYMENT_DECLINED"]);
    expect(codes(await shop.pay(variables))).toEqual(["PAYMENT_DECLINED"]);
    const requests = shop.service.events("PaymentRequested").filter(({ sagaId }) => sagaId === order.id);
    expect(requests).toHaveLength(1);
    const other = { ...variables, method: { token: "pm_card_mastercard" } };
    expect(codes(await shop.pay(other))).toEqual(["IDEMPOTENCY_KEY_REUSED"]);
  });

  test("an order that is cancelled while the provider is called answers that it is not payable", async () => {
    const order = await reserved({ paymentMethod: null });
    const first = { orderId: order.id, token: order.token, key: newId("key") };
    const paying = shop.pay(first);
    await shop.service.waitForEvent("PaymentRequested", ({ sagaId }) => sagaId === order.id);
    await shop.cancel({ orderId: order.id, token: order.token });
    const answer = await paying;
    expect(codes(answer)).toEqual(["ORDER_NOT_PAYABLE"]);
    expect(answer.order.status).toBe("CANCELLED");
    await shop.publish("PaymentProcessed", { ...order.events.processed, attempt: 2 });
    await eventually(async () => types(await order.now()).includes("PAYMENT_PROCESSED"));
    expect((await shop.pay(first)).userErrors).toEqual(answer.userErrors);
  });

  test("waits no longer once the checkout's own attempt, still under way, has paid, and says that this card was not used", async () => {
    const order = await reserved();
    const answers: Awaited<ReturnType<Shop["pay"]>>[] = [];
    const second = { orderId: order.id, token: order.token, key: newId("key") };
    const paying = shop.pay(second).then((answer: (typeof answers)[0]) => answers.push(answer));
    await shop.service.waitForEvent("PaymentRequested", ({ sagaId }) => sagaId === order.id);
    await shop.publish("PaymentProcessed", order.events.processed);
    await eventually(async () => answers[0] ?? types(await order.now()).includes("PAYMENT_PROCESSED"));
    const paid = await eventually(() => answers[0], "the payer still waits", 3_000);
    await paying;
    expect(codes(paid)).toEqual(["ORDER_NOT_PAYABLE"]);
    expect(paid.userErrors[0]?.message).toMatch(/paid by another attempt.* not used/);
    expect(["PAID", "CONFIRMED"]).toContain(paid.order.status);
    expect((await shop.pay(second)).userErrors).toEqual(paid.userErrors);
    await shop.cancel({ orderId: order.id, token: order.token });
    await shop.until(order.id, "CANCELLED");
    expect((await shop.pay(second)).userErrors).toEqual(paid.userErrors);
  });

  test("a card's number is refused", async () => {
    const order = await placed();
    const method = { token: "4242424242424242" };
    expect(codes(await shop.pay({ orderId: order.id, token: order.token, method }))).toEqual([
      "INVALID_INPUT",
    ]);
  });
});

describe("deadlines, by the database's clock", () => {
  const makeDue = (id: string) =>
    shop.service.kit.pg.sql`
      update orders set due_at = clock_timestamp(), expires_at = clock_timestamp() where id = ${id}`;

  test("an unpaid order expires, once, and a payment that comes later changes nothing but the timeline", async () => {
    const order = await reserved();
    await makeDue(order.id);
    await shop.service.waitForEvent("OrderExpired", ({ sagaId }) => sagaId === order.id);
    await shop.publish("PaymentProcessed", order.events.processed);
    await eventually(async () => types(await order.now()).includes("PAYMENT_PROCESSED"));
    expect((await order.now()).status).toBe("EXPIRED");
    expect(shop.service.events("OrderPaid").filter(({ sagaId }) => sagaId === order.id)).toEqual([]);
  });

  test("an order whose stock doesn't answer expires, and a later reservation is released", async () => {
    const order = await placed();
    await shop.service.kit.pg.sql`
      update orders set due_at = clock_timestamp(), expires_at = clock_timestamp() where id = ${order.id}`;
    const isOurs = ({ sagaId }: { sagaId?: string | undefined }) => sagaId === order.id;
    const first = await shop.service.waitForEvent("OrderExpired", isOurs);
    await shop.publish("InventoryReserved", order.events.reserved);
    await eventually(async () => types(await order.now()).includes("INVENTORY_RESERVED"));
    expect(await order.now()).toMatchObject({ status: "EXPIRED", expiresAt: null });
    await shop.service.kit.pg.sql`update orders set due_at = clock_timestamp() where id = ${order.id}`;
    await shop.service.waitForEvent("OrderExpired", (it) => isOurs(it) && it.id !== first.id);
  });

  test("stock that answers first, long after the deadline, isn't paid for", async () => {
    const order = await placed();
    const { sql } = shop.service.kit.pg;
    // No deadline is due before the stock answers.
    await sql`update orders set expires_at = clock_timestamp() - interval '3 days' where id = ${order.id}`;
    await shop.publish("InventoryReserved", order.events.reserved);
    await eventually(async () => types(await order.now()).includes("INVENTORY_RESERVED"));
    await shop.service.waitForEvent("OrderExpired", ({ sagaId }) => sagaId === order.id);
    expect((await order.now()).status).toBe("EXPIRED");
  });

  test("an overdue answer is reminded of under a new event id, and later next time", async () => {
    const order = await placed();
    const isOurs = ({ sagaId }: { sagaId?: string | undefined }) => sagaId === order.id;
    const first = await shop.service.waitForEvent("OrderInitiated", isOurs);
    await shop.service.kit.pg.sql`update orders set due_at = clock_timestamp() where id = ${order.id}`;
    const again = await shop.service.waitForEvent("OrderInitiated", (it) => isOurs(it) && it.id !== first.id);
    expect(again.data).toEqual(first.data);
    const [row] = await shop.service.kit.pg.sql`
      select extract(epoch from due_at - clock_timestamp())::int as seconds from orders where id = ${order.id}`;
    expect(row?.["seconds"]).toBeGreaterThan(50);
  });

  test("payment is asked again for an outcome that was missed, while there is time to pay", async () => {
    const order = await reserved();
    const isOurs = ({ sagaId }: { sagaId?: string | undefined }) => sagaId === order.id;
    const first = await shop.service.waitForEvent("OrderInitiated", isOurs);
    await shop.service.kit.pg.sql`update orders set due_at = clock_timestamp() where id = ${order.id}`;
    const again = await shop.service.waitForEvent("OrderInitiated", (it) => isOurs(it) && it.id !== first.id);
    expect(again.data.paymentToken).toEqual(sealed);
    const now = await order.now();
    expect(now).toMatchObject({ status: "AWAITING_PAYMENT" });
    expect(Date.parse(now.expiresAt)).toBeGreaterThan(Date.now());
  });

  test("orders whose rows are locked delay no other, however many they are", async () => {
    const stuck = await Promise.all(Array.from({ length: 60 }, () => reserved()));
    const other = await reserved();
    const ids = stuck.map(({ id }) => id);
    const { sql } = shop.service.kit.pg;
    const release = Promise.withResolvers<void>();
    const isLocked = Promise.withResolvers<void>();
    const soon = sql`clock_timestamp() + interval '2 s'`;
    await sql`update orders set due_at = ${soon}, expires_at = ${soon} where id = any(${ids})`;
    const holding = sql.begin(async (tx) => {
      await tx`select 1 from orders where id = any(${ids}) for update`;
      isLocked.resolve();
      await release.promise;
    });
    await isLocked.promise;
    await sql`update orders set due_at = ${soon}, expires_at = ${soon} where id = ${other.id}`;
    await shop.until(other.id, "EXPIRED").finally(release.resolve);
    await holding;
    for (const id of ids) await shop.until(id, "EXPIRED");
  });

  test("of payment and expiry, in a thousand races, exactly one wins each order", async () => {
    const { pg, bus } = shop.service.kit;
    // A service's own loops would take part in the race; in this test only the two racers decide.
    const store = openStore({ pg, bus }, { expirySeconds: 900 });
    const ids: string[] = [];
    // As many at once as a service meets, not as many as there are: waiting in line is not what is tested.
    while (ids.length < 1000) {
      const placed = await Promise.all(Array.from({ length: 50 }, () => shop.checkout()));
      ids.push(...placed.map(({ order }) => order.id as string));
    }
    const handle = (id: string, event: SubscribedEvent) => pg.transact((tx) => store.change(tx, id, event));
    await Promise.all(ids.map((id) => handle(id, received("InventoryReserved", eventsOf(id).reserved))));
    await pg.sql`update orders set expires_at = clock_timestamp(), due_at = null where id = any(${ids})`;
    await Promise.all(
      ids.flatMap((id, at) => {
        const pay = () => handle(id, received("PaymentProcessed", eventsOf(id).processed));
        const expire = () => pg.transact((tx) => store.change(tx, id, { type: "ExpireOrder" }));
        return at % 2 === 0 ? [pay(), expire()] : [expire(), pay()];
      }),
    );
    const rows = await pg.sql<{ status: string; count: number }[]>`
      select status, count(*)::int as count from orders where id = any(${ids}) group by 1 order by 1`;
    expect(rows.map(({ status }) => status)).toEqual(["EXPIRED", "PAID"]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    const counted = await pg.sql<{ id: string; paid: number; expired: number }[]>`
      select chain as id, count(*) filter (where subject like '%.OrderPaid')::int as paid,
        count(*) filter (where subject like '%.OrderExpired')::int as expired
      from (select chain, subject from outbox union all select chain, subject from published_events) said
      where chain = any(${ids}) group by 1`;
    expect(counted).toHaveLength(1000);
    for (const { paid, expired } of counted) expect(paid + expired).toBe(1);
    const [gaps] = await pg.sql<{ gaps: number }[]>`
      select count(*)::int as gaps from (
        select order_id from order_events group by 1 having max(counter) <> count(*)
      ) broken`;
    expect(gaps?.gaps).toBe(0);
  });
});
