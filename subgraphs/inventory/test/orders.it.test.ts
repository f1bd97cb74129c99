import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "@shop/testkit";
import { ended, confirmed, initiated } from "./builders.ts";
import { openShop, type StockedShop } from "./fixtures.ts";

const stack = new AsyncDisposableStack();
let shop: StockedShop;
let sku: string;
let count = 0;

beforeAll(async () => {
  shop = await openShop(stack);
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  sku = `SKU-${++count}`;
  await shop.sells([sku]);
});

test("an order's stock is reserved, sold, and given back when it is cancelled after that", async () => {
  await shop.receives(sku, 5, "BER");
  const order = await shop.send(initiated(`ord_${sku}`, [{ sku, quantity: 2 }]));
  const reserved = await shop.waitForEvent(
    "InventoryReserved",
    ({ data }) => data.orderId === order.data.orderId,
  );
  expect(reserved).toMatchObject({
    sagaId: order.data.orderId,
    causationId: order.id,
    producer: "inventory",
  });
  expect(await shop.seen(sku)).toEqual({ status: "LOW_STOCK", quantity: 3 });
  await shop.send(confirmed(order.data.orderId));
  await eventually(async () => (await shop.level(sku, "BER"))?.onHand === 3, "it was never sold");
  expect(await shop.level(sku, "BER")).toMatchObject({ onHand: 3, reserved: 0, available: 3 });
  await shop.send(ended(order.data.orderId));
  const released = await shop.waitForEvent(
    "InventoryReleased",
    ({ data }) => data.orderId === order.data.orderId,
  );
  expect(released.data.wasSold).toBe(true);
  expect(await shop.level(sku, "BER")).toMatchObject({ onHand: 5, reserved: 0, available: 5 });
  expect(shop.stockEvents(sku).map(({ data, aggregate }) => [aggregate.version, data.available])).toEqual([
    [1, 5],
    [2, 3],
    [3, 5],
  ]);
});

test("each event may come twice: a copy does nothing, a new event with the same content gets the same answer", async () => {
  await shop.receives(sku, 5, "BER");
  const orderId = `ord_${sku}`;
  const order = initiated(orderId, [{ sku, quantity: 2 }]);
  for (const message of [
    order,
    order,
    initiated(orderId, [{ sku, quantity: 2 }]),
    ended(orderId),
    ended(orderId, "OrderExpired"),
  ]) {
    await shop.send(message);
  }
  await shop.waitForEvent("InventoryReleased", ({ data }) => data.orderId === orderId);
  await shop.send(initiated(`${orderId}-last`, [{ sku, quantity: 1 }]));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === `${orderId}-last`);
  await eventually(async () => (await shop.handledIn(orderId)) === 4, "not all was handled");
  const answers = (type: "InventoryReserved" | "InventoryReleased") =>
    shop.events(type).flatMap(({ data, aggregate }) => (data.orderId === orderId ? [aggregate.version] : []));
  await eventually(() => answers("InventoryReleased").length === 2, "the second answer never came");
  expect([answers("InventoryReserved"), answers("InventoryReleased")]).toEqual([
    [1, 1],
    [2, 2],
  ]);
  expect(await shop.seen(sku)).toMatchObject({ quantity: 4 });
});

test("an order that ended before it came reserves nothing", async () => {
  await shop.receives(sku, 5, "BER");
  const orderId = `ord_${sku}`;
  await shop.send(ended(orderId));
  await shop.send(initiated(orderId, [{ sku, quantity: 2 }]));
  await eventually(async () => (await shop.handledIn(orderId)) === 2, "not all was handled");
  expect(await shop.seen(sku)).toMatchObject({ quantity: 5 });
  expect(shop.events("InventoryReserved").some(({ data }) => data.orderId === orderId)).toBe(false);
});

test("a confirmation without a reservation becomes a dead letter", async () => {
  const event = await shop.send(confirmed(`ord_${sku}`));
  await eventually(() =>
    shop.kit.pg.sql`select from dead_letters where event_id = ${event.id}`.then(({ length }) => length),
  );
});

test("200 orders at once for 50 units: exactly 50 are reserved, 150 fail with what is available", async () => {
  await shop.receives(sku, 30, "BER");
  await shop.receives(sku, 20, "RNO");
  const orders = Array.from({ length: 200 }, (_, at) =>
    initiated(`ord_${sku}_${at}`, [{ sku, quantity: 1 }]),
  );
  await Promise.all(orders.map(shop.send));
  const ofThese = ({ data }: { data: { orderId: string } }) => data.orderId.startsWith(`ord_${sku}_`);
  await eventually(
    () => shop.events("InventoryReservationFailed").filter(ofThese).length >= 150,
    "150 were not refused",
  );
  await eventually(
    () => shop.events("InventoryReserved").filter(ofThese).length >= 50,
    "50 were not reserved",
  );
  const failed = shop.events("InventoryReservationFailed").filter(ofThese);
  // A contended row is locked once for many orders: one transaction, with one statement that reserves, for each of these.
  const [reserving] = await shop.kit.pg.sql<{ transactions: number }[]>`
    select count(distinct xmin::text)::int as transactions from reservations where order_id like ${`ord_${sku}_%`}`;
  expect(reserving?.transactions).toBeLessThanOrEqual(40);
  expect([shop.events("InventoryReserved").filter(ofThese).length, failed.length]).toEqual([50, 150]);
  expect(failed[0]?.data.shortages).toEqual([{ lineId: "l1", sku, requested: 1, available: 0 }]);
  expect(await shop.seen(sku)).toEqual({ status: "OUT_OF_STOCK", quantity: 0 });
  await eventually(() => shop.stockEvents(sku).length === 52, "not every change was published");
  expect(shop.stockEvents(sku).map(({ aggregate }) => aggregate.version)).toEqual(
    Array.from({ length: 52 }, (_, at) => at + 1),
  );
  await Promise.all(orders.map((order) => shop.send(ended(order.data.orderId, "OrderExpired"))));
  await eventually(async () => (await shop.seen(sku)).quantity === 50, "not all came back");
  expect(await shop.kit.pg.sql`select * from stock_discrepancies`).toEqual([]);
});

test("orders of the same two items in opposite order don't block each other", async () => {
  const other = `${sku}-b`;
  await shop.sells([other], `prd_${other}`);
  await Promise.all([shop.receives(sku, 100, "BER"), shop.receives(other, 100, "BER")]);
  const lines = [
    { sku, quantity: 1 },
    { sku: other, quantity: 1 },
  ];
  await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      shop.send(initiated(`ord_${sku}_${at}`, at % 2 === 0 ? lines : lines.toReversed())),
    ),
  );
  await eventually(
    async () => (await shop.seen(sku)).quantity === 40 && (await shop.seen(other)).quantity === 40,
    "not all were reserved",
  );
});
