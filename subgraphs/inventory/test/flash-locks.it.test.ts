import { eventually } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultHoldRules } from "../src/domain/unpaid-unit-limits.ts";
import { reserveStock } from "../src/store/reserve-stock.ts";
import { sellStock } from "../src/store/sell-stock.ts";
import { openShop, type StockedShop } from "./fixtures.ts";
import { flashShop, type FlashShop } from "./flash-shop.ts";

const stack = new AsyncDisposableStack();
let shop: StockedShop;
let flash: FlashShop;

beforeAll(async () => {
  shop = await openShop(stack);
  flash = flashShop(shop);
});
afterAll(() => stack.disposeAsync());

async function holdIn(sku: string) {
  await shop.sells([sku]);
  await shop.receives(sku, 2, "BER");
  const sale = await flash.plan(sku, 1);
  const { id: ticketId } = await flash.hold(sale, `usr_${sku}`);
  const request = { orderId: `ord_${sku}`, destination: "DE", turn: 1, isUnpaid: false };
  const lines = [{ lineId: "l1", sku, quantity: 1 }];
  return { sale, request: { ...request, lines, flash: { ticketId, lineId: "l1" }, rules: defaultHoldRules } };
}

/** Runs an act while the first sale is locked: it must wait for that one before it locks the last. */
async function waitsForFirst<T>(first: string, last: string, act: () => Promise<T>): Promise<T> {
  const { sql } = shop.kit.pg;
  let acting: Promise<T> | undefined;
  await sql.begin(async (blocker) => {
    await blocker`select from flash_sales where id = ${first} for update`;
    acting = act();
    await eventually(async () => {
      const waiting = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length > 0;
    }, "it never waited for the sale");
    expect(await blocker`select from flash_sales where id = ${last} for update skip locked`).toHaveLength(1);
  });
  if (!acting) throw new Error("nothing was done");
  return acting;
}

test("a batch of orders locks its sales first, in order of their ids, whatever the order of the orders", async () => {
  const { pg } = shop.kit;
  const holds = [await holdIn("LOCK-A"), await holdIn("LOCK-B")];
  const [first, last] = holds.toSorted((one, other) => (one.sale < other.sale ? -1 : 1));
  if (!first || !last) throw new Error("there are two sales");
  const requests = [last.request, first.request];
  const reserved = await waitsForFirst(first.sale, last.sale, () =>
    pg.transact((tx) => reserveStock(tx, requests)),
  );
  expect(reserved.map(({ outcome }) => outcome)).toEqual(["reserved", "reserved"]);
  const orderIds = requests.map(({ orderId }) => orderId);
  const sold = await waitsForFirst(first.sale, last.sale, () => pg.transact((tx) => sellStock(tx, orderIds)));
  expect(sold.map(({ outcome }) => outcome)).toEqual(["sold", "sold"]);
  await flash.isSound();
});
