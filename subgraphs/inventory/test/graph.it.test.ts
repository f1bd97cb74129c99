import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { customer, eventually, guest, staff } from "@shop/testkit";
import { initiated, published } from "./builders.ts";
import {
  adjustManyQuery,
  adjustQuery,
  availabilityQuery,
  countQueries,
  levelsQuery,
  openShop,
  type StockedShop,
} from "./fixtures.ts";

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

test("a customer sees whether a variant can be bought, and that few are left", async () => {
  expect(await shop.seen(sku)).toEqual({ status: "OUT_OF_STOCK", quantity: 0 });
  await shop.receives(sku, 5, "BER");
  expect(await shop.seen(sku)).toEqual({ status: "LOW_STOCK", quantity: 5 });
  await shop.receives(sku, 1, "RNO");
  expect(await shop.seen(sku)).toEqual({ status: "IN_STOCK", quantity: 6 });
  expect(await shop.seen("never-heard-of")).toEqual({ status: "OUT_OF_STOCK", quantity: 0 });
});

test("what isn't for sale is out of stock, whatever is on the shelves: archived, or left out of its product", async () => {
  const [other, product] = [`${sku}-b`, `prd_${sku}`];
  await shop.send(published([sku, other], product, 2));
  await eventually(async () => (await shop.level(other, "BER")) !== undefined);
  for (const it of [sku, other]) await shop.receives(it, 9, "BER");
  await shop.send(published([sku], product, 3));
  await eventually(async () => (await shop.seen(other)).status === "OUT_OF_STOCK");
  expect(await shop.seen(sku)).toEqual({ status: "IN_STOCK", quantity: 9 });
  await shop.send(published([sku], product, 5, "ARCHIVED"));
  await eventually(async () => (await shop.seen(sku)).status === "OUT_OF_STOCK");
  // What is older than the archive comes late, and counts no more.
  await shop.send(published([sku, other], product, 4));
  await shop.send(published([sku, other], product, 6));
  await eventually(async () => (await shop.seen(other)).quantity === 9);
  expect(await shop.seen(sku)).toEqual({ status: "IN_STOCK", quantity: 9 });
  expect(await shop.level(sku, "BER")).toMatchObject({ onHand: 9, available: 9 });
});

test("a SKU that has gone to another product stays there, whatever comes late of the one before", async () => {
  await shop.receives(sku, 9, "BER");
  const owner = async () => {
    const [item] = await shop.kit.pg.sql<{ product_id: string; is_for_sale: boolean }[]>`
      select product_id, is_for_sale from items where sku = ${sku}`;
    return item;
  };
  await shop.send(published([sku], "prd_taker", 1, "PUBLISHED", 2));
  await eventually(async () => (await owner())?.product_id === "prd_taker");
  await shop.send(published([sku], `prd_${sku}`, 8, "ARCHIVED"));
  await shop.send(published([`${sku}-x`], `prd_${sku}`, 9));
  await eventually(async () => (await shop.level(`${sku}-x`, "BER")) !== undefined);
  expect(await owner()).toEqual({ product_id: "prd_taker", is_for_sale: true });
  expect(await shop.seen(sku)).toMatchObject({ quantity: 9 });
});

test("the same adjustment under one key counts once, even when sent twice at once; another input is refused", async () => {
  const input = { sku, warehouseCode: "BER", delta: 7, reason: "delivery", idempotencyKey: `key-${sku}` };
  const answers = await Promise.all([shop.adjust(input), shop.adjust(input), shop.adjust(input)]);
  for (const answer of answers) {
    expect(answer).toEqual({
      variant: { id: `var_${sku}`, availability: { quantity: 7 } },
      levels: [
        { warehouse: { code: "BER" }, onHand: 7 },
        { warehouse: { code: "RNO" }, onHand: 0 },
      ],
      userErrors: [],
    });
  }
  const reused = await shop.adjust({ ...input, delta: 8 });
  expect(reused.userErrors).toEqual([{ code: "IDEMPOTENCY_KEY_REUSED", field: ["input", "idempotencyKey"] }]);
});

test("a refused adjustment uses no key and changes nothing", async () => {
  await shop.receives(sku, 5, "BER");
  await shop.send(initiated(`ord_${sku}`, [{ sku, quantity: 2 }]));
  await shop.waitForEvent("InventoryReserved", ({ data }) => data.orderId === `ord_${sku}`);
  const input = { sku, warehouseCode: "BER", delta: -4, reason: "broken", idempotencyKey: `key-${sku}` };
  expect((await shop.adjust(input)).userErrors).toEqual([
    { code: "INVALID_INPUT", field: ["input", "delta"] },
  ]);
  expect((await shop.adjust({ ...input, delta: -3 })).userErrors).toEqual([]);
  expect(await shop.level(sku, "BER")).toMatchObject({ onHand: 2, reserved: 2, available: 0 });
  const refusals = [
    [{ sku: "nothing" }, "NOT_FOUND", "sku"],
    [{ warehouseCode: "XXX" }, "NOT_FOUND", "warehouseCode"],
    [{ delta: 2_000_000 }, "INVALID_INPUT", "delta"],
    [{ delta: 0 }, "INVALID_INPUT", "delta"],
    [{ reason: "a\0" }, "INVALID_INPUT", "reason"],
  ] as const;
  for (const [wrong, code, field] of refusals) {
    const { userErrors } = await shop.adjust({ ...input, idempotencyKey: `${sku}-${field}`, ...wrong });
    expect(userErrors).toEqual([{ code, field: ["input", field] }]);
  }
});

test("500 adjustments go through in a handful of statements, one refusal among them stops no other", async () => {
  const skus = Array.from({ length: 499 }, (_, at) => `${sku}-${at}`);
  await shop.sells(skus, `prd_many_${sku}`);
  const inputs = [...skus, "nothing"].map((each) => ({
    sku: each,
    warehouseCode: "RNO",
    delta: 3,
    reason: "import",
    idempotencyKey: `import-${each}`,
  }));
  const queries = countQueries(shop);
  const first = await shop.adjustMany(inputs);
  expect(await queries.stop()).toBeLessThanOrEqual(5);
  expect(first.results).toHaveLength(500);
  expect(first.results[499]).toEqual({
    index: 499,
    levels: [],
    userErrors: [{ code: "NOT_FOUND", field: ["inputs", "499", "sku"] }],
  });
  expect(first.results[0]).toEqual({ index: 0, levels: [{ onHand: 0 }, { onHand: 3 }], userErrors: [] });
  expect(await shop.adjustMany(inputs)).toEqual(first);
  expect((await shop.adjustMany([...inputs, ...inputs])).userErrors).toEqual([{ code: "INVALID_INPUT" }]);
});

test("availability of a hundred variants is one statement, and so are their levels", async () => {
  const variants = Array.from({ length: 100 }, (_, at) => ({
    __typename: "ProductVariant",
    id: `var_${sku}_${at}`,
  }));
  for (const [query, identity] of [
    [availabilityQuery, guest],
    [levelsQuery, staff],
  ] as const) {
    const queries = countQueries(shop);
    const answer = await shop.graphql(query, { variants }, identity);
    expect(answer.errors).toBeUndefined();
    expect(await queries.stop()).toBe(1);
  }
});

test("stock by warehouse, warehouses and adjustments are staff's alone", async () => {
  const variants = [{ __typename: "ProductVariant", id: `var_${sku}` }];
  const input = { sku, warehouseCode: "BER", delta: 7, reason: "theft", idempotencyKey: "key" };
  for (const [identity, code] of [
    [guest, "UNAUTHENTICATED"],
    [customer(), "FORBIDDEN"],
  ] as const) {
    const read = await shop.graphql(levelsQuery, { variants }, identity);
    expect(read.data?._entities).toEqual([{ id: `var_${sku}`, stockLevels: null }]);
    expect(read.errors?.[0]?.extensions?.code).toBe(code);
    const houses = await shop.graphql("{ warehouses { code } }", {}, identity);
    expect([houses.data, houses.errors?.[0]?.extensions?.code]).toEqual([{ warehouses: null }, code]);
    for (const attempt of [
      shop.graphql(adjustQuery, { input }, identity),
      shop.graphql(adjustManyQuery, { inputs: [input] }, identity),
    ]) {
      expect((await attempt).errors?.[0]?.extensions?.code).toBe(code);
    }
  }
  const houses = await shop.graphql("{ warehouses { id code name country } }", {}, staff);
  expect(houses.data?.warehouses).toMatchObject([
    { code: "BER", country: "DE" },
    { code: "RNO", country: "US" },
  ]);
  expect(await shop.seen(sku)).toMatchObject({ quantity: 0 });
});

test("a service that builds a projection reads all stock, page by page", async () => {
  await shop.receives(sku, 4, "BER");
  const stock = [];
  for (let after: string | undefined; ;) {
    const page = await shop.kit.bus.request(
      "inventory.stock",
      { limit: 2, ...(after ? { after } : {}) },
      guest,
    );
    stock.push(...page.stock);
    if (page.isLast) break;
    after = page.stock.at(-1)?.sku;
  }
  expect(stock.find((one) => one.sku === sku)).toEqual({
    sku,
    variantId: `var_${sku}`,
    productId: `prd_${sku}`,
    available: 4,
    version: 1,
  });
  expect(new Set(stock.map((one) => one.sku)).size).toBe(stock.length);
});
