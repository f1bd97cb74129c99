import { customer, eventually, staff } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { follow, openShop, eventsOf, type Shop } from "./fixtures.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const codeOf = (failed: unknown[]) =>
  (failed[0] as { extensions?: { code?: string } } | undefined)?.extensions?.code;

describe("orderUpdated", () => {
  test("pushes the order's life so far, then what comes, with the object of now", async () => {
    const { order, orderToken: token } = await shop.checkout();
    await using life = follow(shop.service, { orderId: order.id, token });
    await eventually(() => life.seen.length === 1);
    await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
    await eventually(() => life.seen.length === 2);
    expect(life.seen[1]).toMatchObject({
      event: { type: "INVENTORY_RESERVED", status: "AWAITING_PAYMENT" },
      order: { id: order.id, status: "AWAITING_PAYMENT" },
    });
    expect(life.seen[1]?.order.timeline).toHaveLength(2);
  });

  test("a client that comes back gets each missed event once, in order", async () => {
    const { order, orderToken: token } = await shop.checkout();
    const first = follow(shop.service, { orderId: order.id, token });
    await eventually(() => first.seen.length === 1);
    await first[Symbol.asyncDispose]();
    const after = first.seen[0]?.cursor;

    const events = eventsOf(order.id);
    await shop.publish("InventoryReserved", events.reserved);
    await shop.publish("PaymentProcessed", events.processed);
    await shop.until(order.id, "PAID");
    await using second = follow(shop.service, { orderId: order.id, token, after });
    await eventually(() => second.seen.length === 2);
    await shop.publish("PaymentCaptured", events.captured);
    await eventually(() => second.seen.length === 3);
    expect(second.types()).toEqual(["INVENTORY_RESERVED", "PAYMENT_PROCESSED", "ORDER_CONFIRMED"]);
    expect(second.seen[0]?.order.status).toBe("PAID");
  });

  test("rows without a broadcast come with the next poll", async () => {
    const { order, orderToken: token } = await shop.checkout();
    await using life = follow(shop.service, { orderId: order.id, token });
    await eventually(() => life.seen.length === 1);
    await shop.service.kit.pg.sql`
      insert into order_events (order_id, counter, type, status, message, occurred_at)
      values (${order.id}, 2, 'PAYMENT_FAILED', 'CREATED', 'silently', clock_timestamp())`;
    await eventually(() => life.types().includes("PAYMENT_FAILED"));
  });

  test("many followers of many orders each get all of theirs, and nothing is left when they go", async () => {
    const orders = await Promise.all(Array.from({ length: 10 }, () => shop.checkout()));
    const followers = orders.flatMap(({ order, orderToken: token }) =>
      Array.from({ length: 3 }, () => ({
        id: order.id,
        life: follow(shop.service, { orderId: order.id, token }),
      })),
    );
    for (const { order } of orders) {
      const events = eventsOf(order.id);
      await shop.publish("InventoryReserved", events.reserved);
      await shop.publish("PaymentProcessed", events.processed);
      await shop.publish("PaymentCaptured", events.captured);
    }
    const whole = ["ORDER_INITIATED", "INVENTORY_RESERVED", "PAYMENT_PROCESSED", "ORDER_CONFIRMED"];
    for (const { id, life } of followers) {
      await eventually(() => life.seen.length >= 4);
      expect(life.types()).toEqual(whole);
      expect(new Set(life.seen.map(({ order }) => order.id))).toEqual(new Set([id]));
    }
    await Promise.all(followers.map(({ life }) => life[Symbol.asyncDispose]()));
  });

  test("only who may see the order may follow it, and only with a cursor that it gave", async () => {
    const { order, orderToken: token } = await shop.checkout();
    const other = await shop.checkout();
    await using mine = follow(shop.service, { orderId: order.id, token });
    await eventually(() => mine.seen.length === 1);
    await using byStaff = follow(shop.service, { orderId: order.id }, staff);
    await eventually(() => byStaff.seen.length === 1);
    await using others = follow(shop.service, { orderId: other.order.id, token: other.orderToken });
    await eventually(() => others.seen.length === 1);
    const future = Buffer.from(JSON.stringify(["order", order.id, 99])).toString("base64url");
    for (const [wrong, code] of [
      [{ orderId: order.id }, "NOT_FOUND"],
      [{ orderId: order.id, token: other.orderToken }, "NOT_FOUND"],
      [{ orderId: "ord_nobody", token }, "NOT_FOUND"],
      [{ orderId: order.id, token, after: "forged" }, "BAD_USER_INPUT"],
      [{ orderId: order.id, token, after: future }, "BAD_USER_INPUT"],
      [{ orderId: order.id, token, after: others.seen[0]?.cursor }, "BAD_USER_INPUT"],
    ] as const) {
      await using refused = follow(shop.service, wrong);
      await eventually(() => refused.failed.length > 0);
      expect(codeOf(refused.failed)).toBe(code);
      expect([refused.seen, refused.errorPushes]).toEqual([[], []]);
    }
  });
});

describe("myOrdersUpdated", () => {
  test("begins with what comes next, over all of the customer's orders; `after` brings what was missed", async () => {
    const ann = customer(newId("usr"));
    const { order: old } = await shop.checkout(shop.checkoutInput(), ann);
    const feed = follow(shop.service, {}, ann);
    // A push of this customer's proves that the subscription stands: earlier ones would have come before it.
    const { order } = await untilPushed();
    await shop.publish("InventoryReserved", eventsOf(old.id).reserved);
    await eventually(() => feed.seen.some((it) => it.order.id === old.id));
    expect(feed.types().filter((type) => type === "INVENTORY_RESERVED")).toHaveLength(1);
    const cursor = feed.seen.at(-1)?.cursor;
    await feed[Symbol.asyncDispose]();

    await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
    await shop.until(order.id, "AWAITING_PAYMENT");
    await shop.checkout(shop.checkoutInput(), customer("usr_somebody_else"));
    await using again = follow(shop.service, { after: cursor }, ann);
    await eventually(() => again.seen.length === 1);
    expect(again.seen[0]).toMatchObject({ event: { type: "INVENTORY_RESERVED" }, order: { id: order.id } });

    async function untilPushed() {
      for (;;) {
        const placed = await shop.checkout(shop.checkoutInput(), ann);
        const isPushed = () => feed.seen.some((it) => it.order.id === placed.order.id);
        const came = await eventually(isPushed, "not yet", 500).catch(() => false);
        if (came) return placed;
      }
    }
  });

  test("concurrent orders of one customer are counted without a gap, and pushed once each, in order", async () => {
    const ann = customer(newId("usr"));
    const first = await shop.checkout(shop.checkoutInput(), ann);
    const cursor = Buffer.from(
      JSON.stringify(["customer", ann.kind === "user" ? ann.userId : "", 0]),
    ).toString("base64url");
    await using feed = follow(shop.service, { after: cursor }, ann);
    await eventually(() => feed.seen.length === 1);
    await Promise.all(Array.from({ length: 30 }, () => shop.checkout(shop.checkoutInput(), ann)));
    await eventually(() => feed.seen.length >= 31);
    expect(new Set(feed.seen.map((it) => it.order.id)).size).toBe(31);
    expect(feed.seen[0]?.order.id).toBe(first.order.id);
    const [counted] = await shop.service.kit.pg.sql`
      select max(customer_counter) as last, count(*)::int as count from order_events
      where customer_id = ${ann.kind === "user" ? ann.userId : ""}`;
    expect(counted).toEqual({ last: 31, count: 31 });
  });

  test("begin where a list of them was read, and miss nothing between, also for who has none yet", async () => {
    const ann = customer(newId("usr"));
    const cursor = async (identity = ann) => {
      const query = `{ me { orders(first: 1) { updatesCursor nodes { id } } } }`;
      const { data } = await shop.service.graphql(query, {}, identity);
      return (data as { me: { orders: { updatesCursor: string } } }).me.orders.updatesCursor;
    };
    const before = await cursor();
    const first = await shop.checkout(shop.checkoutInput(), ann);
    const between = await cursor();
    const second = await shop.checkout(shop.checkoutInput(), ann);
    await using whole = follow(shop.service, { after: before }, ann);
    await using rest = follow(shop.service, { after: between }, ann);
    await eventually(() => whole.seen.length === 2 && rest.seen.length === 1);
    expect(whole.seen.map((it) => it.order.id)).toEqual([first.order.id, second.order.id]);
    expect(rest.seen[0]?.event.id).toBe(whole.seen[1]?.event.id);
    const ofAll = await shop.service.graphql("{ orders { updatesCursor } }", {}, staff);
    expect(ofAll.data).toEqual({ orders: { updatesCursor: null } });
  });

  test("a guest must sign in", async () => {
    await using refused = follow(shop.service, {});
    await eventually(() => refused.failed.length > 0);
    expect(codeOf(refused.failed)).toBe("UNAUTHENTICATED");
  });
});
