import { customer, eventually, guest, staff, testStores } from "@shop/testkit";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { initiated } from "./builders.ts";
import { openShop, type StockedShop } from "./fixtures.ts";
import { flashShop, inSeconds, type FlashShop } from "./flash-shop.ts";
import { openFlashSales } from "../src/store/flash-sales.ts";

const stack = new AsyncDisposableStack();
let shop: StockedShop;
let flash: FlashShop;
let sku: string;
let redis: Redis;
let count = 0;

beforeAll(async () => {
  const stores = stack.use(await testStores());
  redis = new Redis(stores.redisUrl);
  stack.defer(() => redis.disconnect());
  shop = await openShop(stack, stores);
  flash = flashShop(shop);
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  sku = `PLAN-${++count}`;
  await shop.sells([sku]);
  await shop.receives(sku, 6, "BER");
  await shop.receives(sku, 4, "RNO");
});

test("units leave the ordinary stock when the sale is planned, and come back when it ends", async () => {
  expect(await shop.seen(sku)).toMatchObject({ quantity: 10 });
  const sale = await flash.plan(sku, 7);
  expect(await shop.seen(sku)).toMatchObject({ quantity: 3 });
  const { userErrors } = await flash.tryPlan(sku, 4, { startsAt: inSeconds(700), endsAt: inSeconds(800) });
  expect(userErrors).toMatchObject([{ code: "OUT_OF_STOCK", field: ["input", "units"] }]);
  await shop.send(initiated(`ord_${sku}`, [{ sku, quantity: 4 }]));
  await shop.waitForEvent("InventoryReservationFailed", ({ data }) => data.orderId === `ord_${sku}`);
  await flash.hold(sale, `usr_${sku}`);
  expect((await flash.end(sale)).flashSale).toMatchObject({ status: "ENDED" });
  // The held unit comes back with its hold.
  expect(await shop.seen(sku)).toMatchObject({ quantity: 9 });
  await flash.isSound();
});

test("a variant that is kept for its sale can't be bought before it and after it", async () => {
  const sale = await flash.plan(sku, 2, { startsAt: inSeconds(500), outsideSale: "NOT_FOR_SALE" });
  expect(await shop.seen(sku)).toEqual({ status: "OUT_OF_STOCK", quantity: 0 });
  const asked = () => shop.kit.bus.request("inventory.flashSales", { skus: [sku] }, guest);
  expect(await asked()).toEqual({ sales: [{ saleId: sale, sku, isRunning: false }], ticket: null });
  await flash.end(sale);
  expect(await shop.seen(sku)).toMatchObject({ quantity: 0 });
  const raised = await shop.graphql(
    `mutation { flashSaleUpdate(id: "${sale}", input: { units: 5 }) { userErrors { code } } }`,
    {},
    staff,
  );
  expect(raised.data?.flashSaleUpdate.userErrors).toEqual([{ code: "CONFLICT" }]);
  await flash.plan(sku, 2, { startsAt: inSeconds(500) });
  expect(await shop.seen(sku)).toMatchObject({ quantity: 8 });
  expect(await asked()).toEqual({ sales: [], ticket: null });
});

test("of past sales only the latest of a SKU is read each second, and none is written to the gate for ever", async () => {
  const { pg } = shop.kit;
  const past: string[] = [];
  for (const days of [3, 2]) {
    const sale = await flash.plan(sku, 1, { outsideSale: "NOT_FOR_SALE" });
    await flash.end(sale);
    await pg.sql`update flash_sales set starts_at = starts_at - make_interval(days => ${days}),
      ends_at = ends_at - make_interval(days => ${days}) where id = ${sale}`;
    past.push(sale);
  }
  const current = async () => {
    const { current: sales } = await openFlashSales(pg).currentSales();
    return sales.filter((sale) => sale.sku === sku).map(({ id }) => id);
  };
  expect(await current()).toEqual([past[1]]);
  expect(await shop.seen(sku)).toMatchObject({ quantity: 0 });
  // Its last tokens live for 5 s.
  const isGone = async () => (await redis.exists(`inventory:flash:{${past[1]}}:tokens`)) === 0;
  await eventually(isGone, "a sale that is long over is written to the gate", { withinMs: 10_000 });
  await pg.sql`update flash_sales set outside_sale = 'ORDINARY' where id = ${past[1] ?? ""}`;
  expect(await current()).toEqual([]);
});

test("guests can't enter; plans are staff's; bad input says what was expected", async () => {
  const sale = await flash.plan(sku, 1);
  const enter = `mutation { flashSaleEnter(flashSaleId: "${sale}", idempotencyKey: "k") { ticket { id } } }`;
  expect((await shop.graphql(enter, {}, guest)).errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
  const plan = `mutation { flashSaleEnd(id: "${sale}") { flashSale { id } } }`;
  expect((await shop.graphql(plan, {}, customer())).errors?.[0]?.extensions?.code).toBe("FORBIDDEN");
  expect((await flash.enter("sale_nothing", `usr_${sku}`)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  expect((await flash.enter("\0", `usr_${sku}`)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  const { userErrors } = await flash.tryPlan(sku, 0, {
    ...{ holdSeconds: 901, price: { amount: "0", currency: "USD" }, lineRatio: { vip: 0, standard: 1 } },
    endsAt: inSeconds(-10),
  });
  expect(userErrors.map((error) => "field" in error && error.field)).toEqual([
    ["input", "units"],
    ["input", "holdSeconds"],
    ["input", "lineRatio", "vip"],
    ["input", "endsAt"],
    ["input", "price"],
  ]);
  expect((await flash.tryPlan("nothing", 1)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  expect((await flash.tryPlan(sku, 1)).userErrors).toMatchObject([{ code: "CONFLICT" }]);
});

test("staff change a sale before it begins; afterwards only how the variant sells outside of it", async () => {
  const later = await flash.plan(sku, 2, { startsAt: inSeconds(100) });
  expect(await change(later, { units: 9 })).toMatchObject({ flashSale: { unitsTotal: 9 }, userErrors: [] });
  expect(await shop.seen(sku)).toMatchObject({ quantity: 1 });
  expect(await change(later, { units: 11 })).toMatchObject({ userErrors: [{ code: "OUT_OF_STOCK" }] });
  expect(await change(later, { units: 1, startsAt: inSeconds(-1) })).toMatchObject({ userErrors: [] });
  expect(await shop.seen(sku)).toMatchObject({ quantity: 9 });
  expect(await change(later, { units: 3 })).toMatchObject({ userErrors: [{ code: "CONFLICT" }] });
  expect(await change(later, { outsideSale: "NOT_FOR_SALE" })).toMatchObject({
    flashSale: { outsideSale: "NOT_FOR_SALE" },
    userErrors: [],
  });
  await flash.isSound();
});

test("a sale can't be moved into the time of one that is planned at the same moment, or into the past", async () => {
  const later = await flash.plan(sku, 2, { startsAt: inSeconds(100), endsAt: inSeconds(200) });
  expect(await change(later, { startsAt: inSeconds(-20), endsAt: inSeconds(-10) })).toMatchObject({
    userErrors: [{ code: "INVALID_INPUT" }],
  });
  let changed: unknown;
  await shop.kit.pg.sql.begin(async (sql) => {
    const other = {
      ...{
        id: `sale_${count}`,
        sku,
        units: 1,
        price: { amount: 500, currency: "USD" },
        createdBy: "usr_staff",
      },
      ...{ startsAt: inSeconds(300), endsAt: inSeconds(400), perCustomerLimit: 1, holdSeconds: 60 },
      ...{ outsideSale: "ORDINARY", lineFactor: 10, lineFloor: 100 },
    };
    await sql`select create_flash_sale(${sql.json(other)})`;
    const changing = change(later, { startsAt: inSeconds(350), endsAt: inSeconds(450) });
    changed = changing;
    await Promise.race([changing, sql`select pg_sleep(0.5)`]);
  });
  expect(await changed).toMatchObject({ userErrors: [{ code: "CONFLICT" }] });
});

async function change(id: string, input: object) {
  const { data } = await shop.graphql(
    `mutation ($id: ID!, $input: FlashSaleUpdateInput!) {
      flashSaleUpdate(id: $id, input: $input) { flashSale { unitsTotal outsideSale } userErrors { code } } }`,
    { id, input },
    staff,
  );
  return data?.flashSaleUpdate;
}
