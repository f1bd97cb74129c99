import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kit } from "@shop/service";
import { customer, eventually, guest, startTestService } from "@shop/testkit";
import { newId } from "@shop/values";
import { afterAll, beforeAll, expect, test } from "vitest";
import order from "../src/main.ts";
import type { Settings } from "../src/settings.ts";
import { eventsOf, follow, openShop, openSocket, type Pushed, type Shop } from "./fixtures.ts";

const env = { ORDER_TOKEN_KEYS: `k1:${randomBytes(32).toString("base64")}` };
let shop: Shop;
/** What the first instance read outside transactions. */
const statements: string[] = [];

beforeAll(async () => {
  shop = await openShop(env, { ...order, start: (kit: Kit<Settings>) => order.start(counted(kit)) });
});
afterAll(() => shop[Symbol.asyncDispose]());

function counted(kit: Kit<Settings>): Kit<Settings> {
  const { pg } = kit;
  const sql = new Proxy(pg.sql, {
    apply(target, self, given: unknown[]) {
      const [texts] = given;
      if (Array.isArray(texts) && "raw" in texts) statements.push(texts.join("?").replace(/\s+/g, " "));
      return Reflect.apply(target, self, given) as unknown;
    },
  });
  return Object.create(kit, { pg: { value: { ...pg, sql } } }) as Kit<Settings>;
}

/** Reads since `from` of orders by id, and of feeds beyond the one of each second. */
function readsSince(from: { at: number; statements: number }) {
  const since = statements.slice(from.statements);
  const polls = Math.ceil((Date.now() - from.at) / 1_000) + 1;
  const feeds = since.filter((text) => text.includes("unnest(")).length;
  return {
    orders: since.filter((text) => text.includes("from orders where id")).length,
    feeds: Math.max(0, feeds - polls),
  };
}
const now = () => ({ at: Date.now(), statements: statements.length });

const counters = (seen: readonly Pushed[]) =>
  seen.map(({ cursor }) => (JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[])[2]);
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
const firstCursor = (userId: string) =>
  Buffer.from(JSON.stringify(["customer", userId, 0])).toString("base64url");

test("a guest's order that this instance moves on is pushed from memory, from its beginning to its end", async () => {
  const { order, orderToken: token } = await shop.checkout();
  const from = now();
  await using life = follow(shop.service, { orderId: order.id, token });
  await eventually(() => life.seen.length === 1);
  const events = eventsOf(order.id);
  await shop.publish("InventoryReserved", events.reserved);
  await shop.publish("PaymentProcessed", events.processed);
  await shop.publish("PaymentCaptured", events.captured);
  await shop.publish("ShipmentScheduled", events.scheduled);
  await eventually(() => life.seen.length === 5);
  expect(readsSince(from)).toEqual({ orders: 0, feeds: 0 });
  expect(life.types().slice(0, 2)).toEqual(["ORDER_INITIATED", "INVENTORY_RESERVED"]);
  expect(counters(life.seen)).toEqual(upTo(5));
  expect(life.seen.map(({ order: { status } }) => status)).toEqual([
    "CREATED",
    "AWAITING_PAYMENT",
    "PAID",
    "CONFIRMED",
    "CONFIRMED",
  ]);
});

test("a customer's feed takes the rows of many orders, written together, in order of its counter", async () => {
  const userId = newId("usr");
  const ann = customer(userId);
  const first = await shop.checkout(shop.checkoutInput(), ann);
  await using feed = follow(shop.service, { after: firstCursor(userId) }, ann);
  await eventually(() => feed.seen.length === 1);
  const placed = await Promise.all(
    Array.from({ length: 20 }, () => shop.checkout(shop.checkoutInput(), ann)),
  );
  const ids = [first, ...placed].map(({ order: { id } }) => id as string);
  await Promise.all(ids.map((id) => shop.publish("InventoryReserved", eventsOf(id).reserved)));
  await eventually(() => feed.seen.length >= 42);
  expect(counters(feed.seen)).toEqual(upTo(42));

  // Alone, so that no other commit comes between: nothing is read.
  const from = now();
  const [last = ""] = ids.slice(-1);
  await shop.publish("PaymentProcessed", eventsOf(last).processed);
  await eventually(() => feed.seen.length === 43);
  expect(feed.seen.at(-1)).toMatchObject({ event: { status: "PAID" }, order: { id: last, status: "PAID" } });
  expect(readsSince(from)).toEqual({ orders: 0, feeds: 0 });
});

test("a row that another wrote before is read first, and the order comes in the newest state", async () => {
  const { order, orderToken: token } = await shop.checkout();
  await using life = follow(shop.service, { orderId: order.id, token });
  await eventually(() => life.seen.length === 1);
  const { sql } = shop.service.kit.pg;
  await sql.begin(async (tx) => {
    await tx`update orders set counter = 2, version = version + 1 where id = ${order.id}`;
    await tx`
      insert into order_events (order_id, counter, type, status, message, occurred_at)
      values (${order.id}, 2, 'PAYMENT_FAILED', 'CREATED', 'silently', clock_timestamp())`;
  });
  await shop.publish("InventoryReserved", eventsOf(order.id).reserved);
  await eventually(() => life.seen.length === 3);
  await using late = follow(shop.service, { orderId: order.id, token });
  await eventually(() => late.seen.length === 3);
  for (const seen of [life.seen, late.seen]) expect(counters(seen)).toEqual([1, 2, 3]);
  expect(life.types()).toEqual(["ORDER_INITIATED", "PAYMENT_FAILED", "INVENTORY_RESERVED"]);
});

test("a broadcast of rows that all followers have is not read; one without counters is", async () => {
  const { order, orderToken: token } = await shop.checkout();
  await using life = follow(shop.service, { orderId: order.id, token });
  await eventually(() => life.seen.length === 1);
  const announce = async (more: object) => {
    const from = now();
    for (let times = 0; times < 20; times++) {
      const text = JSON.stringify({ order: order.id, customer: null, ...more });
      shop.service.kit.bus.broadcast("orders", text);
      await sleep(25);
    }
    return readsSince(from);
  };
  expect(await announce({ version: 1, counter: 1, customerCounter: null })).toEqual({ orders: 0, feeds: 0 });
  expect((await announce({})).feeds).toBeGreaterThan(3);
});

test("subscriptions that begin at once read their orders together", async () => {
  const placed = await Promise.all(Array.from({ length: 12 }, () => shop.checkout()));
  const afresh = await startTestService(
    { ...order, start: (kit: Kit<Settings>) => order.start(counted(kit)) },
    { stores: shop.stores, databaseUrl: shop.service.databaseUrl, env },
  );
  try {
    const socket = openSocket(afresh);
    const from = now();
    const lives = placed.map((one) => {
      const what = { orderId: one.order.id as string, token: one.orderToken as string };
      return follow(afresh, what, guest, socket);
    });
    for (const { seen } of lives) await eventually(() => seen.length === 1);
    // One by one it would be 12 for who may see them, and some for their rows.
    expect(readsSince(from).orders).toBeLessThan(8);
    await Promise.all(lives.map((life) => life[Symbol.asyncDispose]()));
  } finally {
    await afresh.stop();
  }
});

test("whichever of two instances moves an order on, followers of both get each row once, in order", async () => {
  const other = await startTestService(order, {
    stores: shop.stores,
    databaseUrl: shop.service.databaseUrl,
    env,
  });
  try {
    const orders = await Promise.all(Array.from({ length: 8 }, () => shop.checkout()));
    const lives = orders.flatMap(({ order: { id: orderId }, orderToken: token }) =>
      [shop.service, other].map((service) => follow(service, { orderId, token })),
    );
    await Promise.all(
      orders.map(async ({ order: { id } }) => {
        const events = eventsOf(id);
        await shop.publish("InventoryReserved", events.reserved);
        await shop.publish("PaymentProcessed", events.processed);
        await shop.publish("PaymentCaptured", events.captured);
        await shop.publish("ShipmentScheduled", events.scheduled);
      }),
    );
    for (const { seen } of lives) {
      await eventually(() => seen.length >= 5);
      expect(counters(seen)).toEqual(upTo(5));
      expect(seen.at(-1)?.order.status).toBe("CONFIRMED");
    }
    await Promise.all(lives.map((life) => life[Symbol.asyncDispose]()));
  } finally {
    await other.stop();
  }
});
