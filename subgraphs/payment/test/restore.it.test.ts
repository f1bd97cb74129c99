import { eventually, guest, staff } from "@shop/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { givenOrder, givenShop, shown, total, type Shop } from "./fixtures.ts";

let shop: Shop;
let owner = "";
beforeAll(async () => {
  shop = await givenShop({ webhooks: false, payment: { RECONCILE_EVERY_S: "0.5" } });
  const [row] = await shop.service.kit.pg.sql<{ shop: string }[]>`select shop from provider`;
  owner = row?.shop ?? "";
});
afterAll(() => shop[Symbol.asyncDispose]());

type Order = ReturnType<typeof givenOrder>;
const of = (orderId: string) => (event: { data: { orderId: string } }) => event.data.orderId === orderId;
const statusAt = async (id: string) => (await shop.sdk.paymentIntents.retrieve(id)).status;
const refundsOf = async (id: string) => (await shop.sdk.refunds.list({ payment_intent: id })).data;
const published = (type: "PaymentCaptured" | "PaymentRefunded", orderId: string) =>
  shop.service.events(type).filter(of(orderId));

/** Money at the provider that this shop has no row of, as after a restore from a backup. */
async function givenForgotten({
  orderId,
  amount = total.amount,
  isCaptured = true,
}: {
  orderId: string;
  amount?: number;
  isCaptured?: boolean;
}) {
  const { id } = await shop.sdk.paymentIntents.create({
    ...{ amount, currency: "usd", capture_method: "manual", confirm: true, payment_method: "pm_card_visa" },
    metadata: { orderId, attempt: "1", shop: owner },
  });
  if (isCaptured) await shop.sdk.paymentIntents.capture(id);
  return id;
}

async function givenCaptured(): Promise<Order & { intentId: string }> {
  const order = givenOrder();
  for (const event of [order.initiated, order.reserved]) await shop.service.publish(event);
  await shop.service.waitForEvent("PaymentProcessed", of(order.orderId));
  await shop.service.publish(order.paid);
  await shop.service.waitForEvent("PaymentCaptured", of(order.orderId));
  return { ...order, intentId: (await shop.intentOf(order.orderId)).id };
}

const parked = async (who = staff) =>
  shop.service.graphql(
    `{ parkedPayments { id orderId amount { amount currency } reason foundAt } }`,
    {},
    who,
  );
const isParked = (intentId: string) =>
  eventually(async () => {
    const { data } = await parked();
    return (data?.["parkedPayments"] as { id: string }[] | undefined)?.find(({ id }) => id === intentId);
  }, `${intentId} was never parked`);

describe("after payment's database has come from a backup", () => {
  test("the payment of a live order is adopted, said again, and never paid back", async () => {
    const { orderId, intentId } = await givenCaptured();
    shop.standings.set(orderId, { outcome: "known", total, isOver: false });
    await shop.service.kit.pg.sql`delete from payments where order_id = ${orderId}`;
    await eventually(() => published("PaymentCaptured", orderId).length === 2, "it was not adopted");
    await shop.statusIs(orderId, "CAPTURED");
    expect(await refundsOf(intentId)).toEqual([]);
    expect(published("PaymentRefunded", orderId)).toEqual([]);
  });

  test("an adopted payment goes on as any other: its order's end pays it back", async () => {
    const order = await givenCaptured();
    shop.standings.set(order.orderId, { outcome: "known", total, isOver: false });
    await shop.service.kit.pg.sql`delete from payments where order_id = ${order.orderId}`;
    await eventually(() => published("PaymentCaptured", order.orderId).length === 2);
    await shop.service.publish(order.cancelled);
    await shop.statusIs(order.orderId, "REFUNDED");
    expect(await refundsOf(order.intentId)).toHaveLength(1);
  });

  test("what was taken for an order that is over is paid back, and order is told", async () => {
    const { orderId } = givenOrder();
    shop.standings.set(orderId, { outcome: "known", total, isOver: true });
    const intentId = await givenForgotten({ orderId });
    const { data } = await shop.service.waitForEvent("PaymentRefunded", of(orderId));
    expect(data).toMatchObject({ kind: "REFUNDED", amount: total });
    expect(await refundsOf(intentId)).toHaveLength(1);
  });

  test("a row that is older than the provider's state moves forward to it", async () => {
    const { orderId } = await givenCaptured();
    await shop.service.kit.pg.sql`
      update payments set status = 'AUTHORIZED', version = version - 2 where order_id = ${orderId}`;
    await shop.statusIs(orderId, "CAPTURED");
  });

  test("an authorisation is let go, and an order that believes in it is told that it failed", async () => {
    const order = givenOrder(null);
    await shop.service.publish(order.initiated);
    const intentId = await givenForgotten({ orderId: order.orderId, isCaptured: false });
    await eventually(async () => (await statusAt(intentId)) === "canceled", "it was left", 30_000);
    await shop.service.publish(order.paid);
    await shop.service.waitForEvent("PaymentCaptureFailed", of(order.orderId));
    await shop.service.publish(order.refused);
    await shop.statusIs(order.orderId, "CANCELLED");
  });
});

describe("money that nothing accounts for is left to a person", () => {
  test("of an order that is unknown, until it is paid back by hand", async () => {
    const { orderId } = givenOrder();
    const intentId = await givenForgotten({ orderId });
    expect(await isParked(intentId)).toMatchObject({
      ...{ orderId, amount: { amount: "42.00", currency: "USD" }, reason: "UNKNOWN_ORDER" },
    });
    expect(await refundsOf(intentId)).toEqual([]);
    await shop.sdk.refunds.create({ payment_intent: intentId });
    await shop.service.kit.pg.sql`update parked_intents set tried_at = now() - interval '1 hour'`;
    await eventually(async () => {
      const { data } = await parked();
      return !JSON.stringify(data).includes(intentId);
    }, "it stayed on the list");
  });

  test("of an order that is found later, until then", async () => {
    const { orderId } = givenOrder();
    const intentId = await givenForgotten({ orderId });
    await isParked(intentId);
    shop.standings.set(orderId, { outcome: "known", total, isOver: false });
    await shop.service.kit.pg.sql`update parked_intents set tried_at = now() - interval '1 hour'`;
    await shop.service.waitForEvent("PaymentCaptured", of(orderId));
    await eventually(async () => !JSON.stringify((await parked()).data).includes(intentId));
  });

  test("of another amount than the order's", async () => {
    const { orderId } = givenOrder();
    shop.standings.set(orderId, { outcome: "known", total, isOver: false });
    expect(await isParked(await givenForgotten({ orderId, amount: 4300 }))).toMatchObject({
      reason: "OTHER_AMOUNT",
    });
    expect(await shown(shop.service, orderId)).toEqual([null]);
  });

  test("of an order that is paid already", async () => {
    const { orderId, intentId } = await givenCaptured();
    shop.standings.set(orderId, { outcome: "known", total, isOver: false });
    const second = await givenForgotten({ orderId });
    expect(await isParked(second)).toMatchObject({ reason: "SECOND_PAYMENT" });
    for (const id of [intentId, second]) expect(await refundsOf(id)).toEqual([]);
    await shop.statusIs(orderId, "CAPTURED");
  });

  test("and only staff may read of it", async () => {
    const { errors } = await parked(guest);
    expect(errors?.[0]?.extensions?.["code"]).toMatch(/UNAUTHENTICATED|FORBIDDEN/);
  });
});

describe.each([
  ["60 s ahead", 60],
  ["an hour ahead", 3_600],
  ["60 s behind", -60],
  ["an hour behind", -3_600],
])("with payment's clock %s", (_, seconds) => {
  const RealDate = Date;
  beforeEach(() => {
    class WrongDate extends RealDate {
      constructor(...given: [] | [string | number | Date]) {
        if (given.length === 0) super(RealDate.now() + seconds * 1000);
        else super(given[0]);
      }
      static override now = () => RealDate.now() + seconds * 1000;
    }
    vi.stubGlobal("Date", WrongDate);
  });
  afterEach(() => void vi.unstubAllGlobals());

  test("the reconciler finds every stray, also when it has looked before", async () => {
    for (let round = 0; round < 2; round++) {
      const intentId = await givenForgotten({ orderId: givenOrder().orderId, isCaptured: false });
      await eventually(async () => (await statusAt(intentId)) === "canceled", "the stray was left", 30_000);
    }
  });
});
