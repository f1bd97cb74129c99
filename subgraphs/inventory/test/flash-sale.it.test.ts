import { customer, eventually } from "@shop/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { confirmed, ended } from "./builders.ts";
import { openShop, type StockedShop } from "./fixtures.ts";
import { flashShop, inSeconds, type FlashShop } from "./flash-shop.ts";

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
  sku = `FLASH-${++count}`;
  await shop.sells([sku]);
  await shop.receives(sku, 6, "BER");
  await shop.receives(sku, 4, "RNO");
});

test("the first hold a unit, the next wait with their place, the rest get SALE_SOLD_OUT at once", async () => {
  const sale = await flash.plan(sku, 2, { lineFactor: 1, lineFloor: 1 });
  const entered = [];
  for (let at = 0; at < 7; at++) entered.push(await flash.enter(sale, `usr_${sku}_${at}`));
  expect(entered.map(({ ticket, userErrors }) => ticket?.status ?? userErrors[0]?.code)).toEqual([
    ...["HOLDING", "HOLDING", "WAITING", "WAITING", "WAITING", "SALE_SOLD_OUT", "SALE_SOLD_OUT"],
  ]);
  expect(entered.map(({ ticket }) => ticket?.position ?? null)).toEqual([null, null, 1, 2, 3, null, null]);
  expect(Date.parse(entered[0]?.ticket?.holdExpiresAt ?? "") - Date.now()).toBeGreaterThan(50_000);
  await flash.shows(sale, { status: "SOLD_OUT", unitsLeft: 2 });
  await flash.isSound();
});

test("the same customer gets the same ticket, also under another key, also of two calls at once", async () => {
  const sale = await flash.plan(sku, 3);
  const who = `usr_${sku}`;
  const [one, other] = await Promise.all([flash.enter(sale, who), flash.enter(sale, who)]);
  const again = await flash.enter(sale, who);
  expect(new Set([one, other, again].map(({ ticket }) => ticket?.id)).size).toBe(1);
  expect(await shop.kit.pg.sql`select from flash_tickets where sale_id = ${sale}`).toHaveLength(1);
});

test("a key replays its own ticket even when that has ended, and refuses another sale", async () => {
  const sale = await flash.plan(sku, 1);
  const who = `usr_${sku}`;
  const first = await flash.enter(sale, who, "key-1");
  await flash.leave(first.ticket?.id ?? "", who);
  const replayed = await flash.enter(sale, who, "key-1");
  expect(replayed.ticket).toMatchObject({ id: first.ticket?.id, status: "LEFT" });
  const fresh = await flash.enter(sale, who, "key-2");
  expect(fresh.ticket?.status).toBe("HOLDING");
  expect(fresh.ticket?.id).not.toBe(first.ticket?.id);
  const otherSku = `${sku}-b`;
  await shop.sells([otherSku]);
  await shop.receives(otherSku, 1, "BER");
  const other = await flash.plan(otherSku, 1);
  expect((await flash.enter(other, who, "key-1")).userErrors).toMatchObject([
    { code: "IDEMPOTENCY_KEY_REUSED" },
  ]);
});

test("before its start a sale can't be entered, and says when it begins by its own clock", async () => {
  const sale = await flash.plan(sku, 1, { startsAt: inSeconds(2), endsAt: inSeconds(60) });
  const early = await flash.enter(sale, `usr_${sku}`);
  expect(early).toMatchObject({ ticket: null, userErrors: [{ code: "SALE_NOT_RUNNING" }] });
  expect(early.flashSale?.status).toBe("SCHEDULED");
  expect(await flash.sale(sale)).toMatchObject({ status: "SCHEDULED" });
  const { startsAt } = await flash.sale(sale);
  await eventually(async () => (await flash.enter(sale, `usr_${sku}`)).ticket !== null, "it never began");
  const [row] = await shop.kit.pg.sql<{ lateMs: number }[]>`
    select (extract(epoch from entered_at - ${startsAt}::timestamptz) * 1000)::float as "lateMs"
    from flash_tickets where sale_id = ${sale}`;
  expect(row?.lateMs).toBeGreaterThanOrEqual(0);
});

test("a sale sells with a ticket to the end of its order: reserved, bought, and all that wait get SOLD_OUT", async () => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}_0`);
  const waiting = (await flash.enter(sale, `usr_${sku}_1`)).ticket;
  const orderId = `ord_${sku}`;
  await shop.send(flash.orderWith(orderId, sku, mine.id));
  const reserved = await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === orderId);
  expect(reserved.data.allocations).toMatchObject([{ lineId: "l1", sku, quantity: 1 }]);
  expect(await flash.ticket(mine.id, `usr_${sku}_0`)).toMatchObject({ status: "HOLDING" });
  await shop.send(confirmed(orderId));
  await flash.becomes(mine.id, "BOUGHT");
  await flash.becomes(waiting?.id ?? "", "SOLD_OUT");
  await flash.shows(sale, { status: "SOLD_OUT", unitsLeft: 0 });
  expect((await flash.enter(sale, `usr_${sku}_2`)).userErrors).toMatchObject([{ code: "SALE_SOLD_OUT" }]);
  await flash.isSound();
});

test.each([
  ["OrderExpired", "EXPIRED"],
  ["OrderCancelled", "LEFT"],
  ["OrderRejected", "EXPIRED"],
] as const)("%s gives the unit to the next in line, and the ticket becomes %s", async (type, status) => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}_0`);
  const second = (await flash.enter(sale, `usr_${sku}_1`)).ticket?.id ?? "";
  const orderId = `ord_${sku}`;
  await shop.send(flash.orderWith(orderId, sku, mine.id));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === orderId);
  await shop.send(ended(orderId, type));
  await flash.becomes(mine.id, status);
  expect(await flash.statusOf(second)).toBe("HOLDING");
  await flash.isSound();
});

test("a confirmed order that is cancelled brings its unit back: the next one buys it, the ticket stays BOUGHT", async () => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}_0`);
  const orderId = `ord_${sku}`;
  await shop.send(flash.orderWith(orderId, sku, mine.id));
  await shop.send(confirmed(orderId));
  await flash.becomes(mine.id, "BOUGHT");
  await shop.send(ended(orderId));
  await eventually(async () => (await flash.sale(sale)).status === "RUNNING", "it never ran again");
  await flash.hold(sale, `usr_${sku}_1`);
  expect(await flash.statusOf(mine.id)).toBe("BOUGHT");
  await flash.isSound();
});

test("a hold that runs out goes to the next in line within its grace", async () => {
  const sale = await flash.plan(sku, 1, { holdSeconds: 1 });
  const mine = await flash.hold(sale, `usr_${sku}_0`);
  const second = (await flash.enter(sale, `usr_${sku}_1`)).ticket?.id ?? "";
  await flash.becomes(mine.id, "EXPIRED");
  expect(await flash.statusOf(second)).toBe("HOLDING");
  const [row] = await shop.kit.pg.sql<{ lateMs: number }[]>`
    select (extract(epoch from ended_at - hold_expires_at) * 1000)::float as "lateMs" from flash_tickets where id = ${mine.id}`;
  expect(row?.lateMs).toBeGreaterThanOrEqual(3_000);
  expect(row?.lateMs).toBeLessThan(3_500);
  // After EXPIRED a new ticket, at the end of the line.
  const again = (await flash.enter(sale, `usr_${sku}_0`)).ticket;
  expect(again).toMatchObject({ status: "WAITING", position: 1 });
  await flash.isSound();
});

test("who leaves the line or a hold makes room: once, however often", async () => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}_0`);
  const [second = "", third = ""] = [
    (await flash.enter(sale, `usr_${sku}_1`)).ticket?.id,
    (await flash.enter(sale, `usr_${sku}_2`)).ticket?.id,
  ];
  const key = crypto.randomUUID();
  for (let times = 0; times < 2; times++)
    expect((await flash.leave(second, `usr_${sku}_1`, key)).ticket).toMatchObject({ status: "LEFT" });
  expect((await flash.ticket(third, `usr_${sku}_2`))?.position).toBe(1);
  await Promise.all([flash.leave(mine.id, `usr_${sku}_0`), flash.leave(mine.id, `usr_${sku}_0`)]);
  expect(await flash.statusOf(third)).toBe("HOLDING");
  expect((await flash.leave(third, `usr_${sku}_2`, key)).userErrors).toEqual([]);
  expect((await flash.leave(second, `usr_${sku}_2`, key)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  await flash.isSound();
});

test("a hold in an order can't be left; a second order with the same ticket is refused", async () => {
  const sale = await flash.plan(sku, 1);
  const mine = await flash.hold(sale, `usr_${sku}`);
  await shop.send(flash.orderWith(`ord_${sku}_a`, sku, mine.id));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === `ord_${sku}_a`);
  expect((await flash.leave(mine.id, `usr_${sku}`)).userErrors).toMatchObject([{ code: "CONFLICT" }]);
  await shop.send(flash.orderWith(`ord_${sku}_b`, sku, mine.id));
  const failed = await shop.waitForEvent(
    "InventoryReservationFailed",
    ({ data }) => data.orderId === `ord_${sku}_b`,
  );
  expect(failed.data.shortages).toEqual([{ lineId: "l1", sku, requested: 1, available: 0 }]);
  await shop.send(ended(`ord_${sku}_b`, "OrderRejected"));
  await shop.send(confirmed(`ord_${sku}_a`));
  await flash.becomes(mine.id, "BOUGHT");
  await flash.isSound();
});

test("a customer buys up to the limit, one ticket after the other", async () => {
  const sale = await flash.plan(sku, 5, { perCustomerLimit: 2 });
  for (let bought = 0; bought < 2; bought++) {
    const { id } = await flash.hold(sale, `usr_${sku}`);
    await shop.send(flash.orderWith(`ord_${sku}_${bought}`, sku, id));
    await shop.send(confirmed(`ord_${sku}_${bought}`));
    await flash.becomes(id, "BOUGHT");
  }
  expect((await flash.enter(sale, `usr_${sku}`)).userErrors).toMatchObject([{ code: "QUANTITY_LIMIT" }]);
});

test("a customer who enters and leaves in a loop gets 20 tickets, then QUANTITY_LIMIT", async () => {
  const sale = await flash.plan(sku, 1);
  const loop = async () => {
    const { ticket, userErrors } = await flash.enter(sale, `usr_${sku}`);
    if (ticket) await flash.leave(ticket.id, `usr_${sku}`);
    return userErrors;
  };
  for (let tickets = 0; tickets < 20; tickets++) expect(await loop()).toEqual([]);
  expect(await loop()).toEqual([
    { code: "QUANTITY_LIMIT", message: expect.stringContaining("20 tickets of this sale without buying") },
  ]);
  await flash.hold(sale, `usr_${sku}_1`);
});

test("two lines are served in their ratio while both wait", async () => {
  await shop.kit.pg.sql`
    insert into customer_tiers (customer_id, tier, version)
    select 'usr_' || ${sku} || '_vip' || at, 'VIP', 1 from generate_series(0, 3) at`;
  const sale = await flash.plan(sku, 1, { lineRatio: { vip: 2, standard: 1 } });
  let holder = `usr_${sku}_first`;
  let held = (await flash.hold(sale, holder)).id;
  const line: Record<string, string> = {};
  for (const who of ["s0", "s1", "vip0", "vip1", "vip2", "vip3"]) {
    const { ticket } = await flash.enter(sale, `usr_${sku}_${who}`);
    line[ticket?.id ?? ""] = who;
  }
  const served = [];
  for (let times = 0; times < 6; times++) {
    await flash.leave(held, holder);
    const [next] = await shop.kit.pg.sql<{ id: string; customer_id: string }[]>`
      select id, customer_id from flash_tickets where sale_id = ${sale} and status = 'HOLDING'`;
    held = next?.id ?? "";
    holder = next?.customer_id ?? "";
    served.push(line[held]);
  }
  expect(served).toEqual(["vip0", "vip1", "s0", "vip2", "vip3", "s1"]);
  await flash.isSound();
});

test("another customer's ticket does not exist: to read, to leave, or to follow", async () => {
  const sale = await flash.plan(sku, 1);
  const { id } = await flash.hold(sale, `usr_${sku}`);
  expect(await flash.ticket(id, "usr_other")).toBeNull();
  expect((await flash.leave(id, "usr_other")).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  const { kit } = shop;
  const asked = (who: string) =>
    kit.bus.request("inventory.flashSales", { skus: [sku], ticketId: id }, customer(who));
  expect(await asked("usr_other")).toMatchObject({ ticket: { outcome: "unknown" } });
  expect(await asked(`usr_${sku}`)).toMatchObject({
    sales: [{ saleId: sale, sku, isRunning: true }],
    ticket: { outcome: "holding", sku, price: { amount: 500, currency: "USD" } },
  });
});
