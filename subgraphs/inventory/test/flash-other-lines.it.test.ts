import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { confirmed, ended, initiated, stockRequested, stockYielded } from "./builders.ts";
import { openShop, type StockedShop } from "./fixtures.ts";
import { flashShop, type FlashShop } from "./flash-shop.ts";

const stack = new AsyncDisposableStack();
let shop: StockedShop;
let flash: FlashShop;
let sku: string;
let count = 0;

beforeAll(async () => {
  shop = await openShop(stack);
  flash = flashShop(shop);
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  sku = `BESIDE-${++count}`;
  await shop.sells([sku]);
  await shop.receives(sku, 4, "BER");
});

async function isYielded(orderId: string): Promise<void> {
  await eventually(async () => {
    const [row] = await shop.kit.pg.sql<{ status: string }[]>`
      select status from reservations where order_id = ${orderId}`;
    return row?.status === "YIELDED";
  }, "the other lines never came back");
}

test("other lines that are short leave the hold with the customer, who may order without them", async () => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}`);
  const other = `${sku}-b`;
  await shop.sells([other]);
  const lines = [
    { sku, quantity: 1 },
    { sku: other, quantity: 1 },
  ];
  await shop.send(initiated(`ord_${sku}_a`, lines, "DE", false, { ticketId: mine.id, lineId: "l1" }));
  const failed = await shop.waitForEvent(
    "InventoryReservationFailed",
    ({ data }) => data.orderId === `ord_${sku}_a`,
  );
  expect(failed.data.shortages.map((it) => it.sku)).toEqual([other]);
  await shop.send(ended(`ord_${sku}_a`, "OrderRejected"));
  await shop.send(flash.orderWith(`ord_${sku}_b`, sku, mine.id));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === `ord_${sku}_b`);
  await flash.isSound();
});

test("other lines that are yielded are for sale again, the unit stays the ticket's, and is free after all if they are gone", async () => {
  const sale = await flash.plan(sku, 1, { holdSeconds: 2 });
  const mine = await flash.hold(sale, `usr_${sku}`);
  const second = (await flash.enter(sale, `usr_${sku}_1`)).ticket?.id ?? "";
  const other = `${sku}-b`;
  await shop.sells([other]);
  await shop.receives(other, 5, "BER");
  const lines = [
    { sku, quantity: 1 },
    { sku: other, quantity: 5 },
  ];
  const [orderId, ticket] = [`ord_${sku}`, { ticketId: mine.id, lineId: "l1" }];
  await shop.send(initiated(orderId, lines, "DE", false, ticket));
  const reserved = await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === orderId);
  expect(reserved.data.mayBeHeld).toBe(false);
  await shop.send(stockYielded(orderId));
  await isYielded(orderId);
  expect(await shop.level(other, "BER")).toMatchObject({ available: 5 });
  await flash.isSound();
  expect((await flash.leave(mine.id, `usr_${sku}`)).userErrors).toMatchObject([{ code: "CONFLICT" }]);
  await shop.send(initiated(`${orderId}_b`, [{ sku: other, quantity: 5 }]));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === `${orderId}_b`);
  await shop.send(stockRequested(orderId, lines, 2, ticket));
  await shop.waitForEvent("InventoryReservationFailed", ({ data }) => data.orderId === orderId);
  await shop.send(ended(orderId));
  await flash.becomes(mine.id, "EXPIRED");
  expect(await flash.statusOf(second)).toBe("HOLDING");
  await flash.isSound();
});

test("lines that were yielded are reserved anew with the ticket's unit once the order is paid", async () => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}`);
  const other = `${sku}-b`;
  await shop.sells([other]);
  await shop.receives(other, 5, "BER");
  const lines = [
    { sku, quantity: 1 },
    { sku: other, quantity: 5 },
  ];
  const [orderId, ticket] = [`ord_${sku}`, { ticketId: mine.id, lineId: "l1" }];
  await shop.send(initiated(orderId, lines, "DE", false, ticket));
  await shop.send(stockYielded(orderId));
  await isYielded(orderId);
  expect(await shop.level(other, "BER")).toMatchObject({ available: 5 });
  await shop.send(stockRequested(orderId, lines, 2, ticket));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === orderId && data.turn === 2);
  await shop.send(confirmed(orderId));
  await flash.becomes(mine.id, "BOUGHT");
  await flash.isSound();
});
