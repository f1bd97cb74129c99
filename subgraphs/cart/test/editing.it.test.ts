import { customer, eventually, guest, testStores, type TestService, type TestStores } from "@shop/testkit";
import { newKey } from "@shop/values";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  lineId,
  productOf,
  publishProduct,
  publishStock,
  sell,
  shopper,
  startCart,
  statementsOf,
} from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let stop: () => Promise<void>;

beforeAll(async () => {
  stores = await testStores();
  ({ service, stop } = await startCart(stores, { SHOP_COUNTRY: "DE" }));
  await sell(
    service,
    productOf("mug"),
    productOf("pen", { price: 250 }),
    productOf("tea", { price: 999, variant: { title: "Green, 100 g" } }),
  );
});

afterAll(async () => {
  await stop?.();
  await stores?.[Symbol.asyncDispose]();
});

// The same tests for both kinds of carts: a guest's is in Redis, a customer's in Postgres.
describe.each([
  ["a guest", guest],
  ["a customer", customer("usr_editing")],
])("the cart of %s", (_, identity) => {
  it("shows today's prices, totals and taxes", async () => {
    const me = shopper(service, identity);
    const lines = [
      { sku: "mug", quantity: 2 },
      { sku: "tea", quantity: 1 },
    ];
    const { cart } = await me.create({ lines });
    expect(cart).toMatchObject({
      version: 1,
      currency: "USD",
      itemCount: 3,
      lines: [
        {
          sku: "mug",
          title: "The mug",
          variant: { id: "var_mug" },
          image: { url: "https://images.shop.test/mug.jpg" },
          unitPrice: { amount: "10.00", currency: "USD" },
          priceWhenAdded: null,
          lineTotal: { amount: "20.00" },
        },
        { sku: "tea", title: "The tea, Green, 100 g" },
      ],
      subtotal: { amount: "29.99" },
      discount: { amount: "0.00" },
      tax: { amount: "5.70" },
      total: { amount: "35.69" },
      problems: [],
    });
    expect(await me.read(cart.id)).toEqual(cart);
  });

  it("is edited, one version a change", async () => {
    const me = shopper(service, identity);
    const { cart } = await me.create();
    expect(cart).toMatchObject({ version: 1, lines: [], total: { amount: "0.00" } });
    const added = (await me.add(cart.id, [{ sku: "mug", quantity: 2 }])).cart;
    const more = (
      await me.add(cart.id, [
        { sku: "mug", quantity: 3 },
        { sku: "pen", quantity: 1 },
      ])
    ).cart;
    expect(more).toMatchObject({ version: 3, lines: [{ sku: "mug", quantity: 5 }, { sku: "pen" }] });
    expect(lineId(more)).toBe(lineId(added));
    const updated = (await me.update(cart.id, [{ lineId: lineId(more), quantity: 1 }])).cart;
    expect(updated).toMatchObject({ version: 4, itemCount: 2 });
    const removed = (await me.remove(cart.id, [lineId(more, 1)])).cart;
    expect(removed).toMatchObject({ version: 5, lines: [{ sku: "mug", quantity: 1 }] });
    expect(await me.read(cart.id)).toEqual(removed);
  });

  it("loses no addition of many at once", async () => {
    const me = shopper(service, identity);
    const { cart } = await me.create();
    await Promise.all(Array.from({ length: 40 }, () => me.add(cart.id, [{ sku: "mug", quantity: 1 }])));
    expect(await me.read(cart.id)).toMatchObject({ version: 41, lines: [{ quantity: 40 }] });
  });

  it("makes a change once per key, also for two concurrent calls", async () => {
    const me = shopper(service, identity);
    const { cart } = await me.create();
    const key = newKey();
    const both = await Promise.all(
      Array.from({ length: 6 }, () => me.add(cart.id, [{ sku: "mug", quantity: 2 }], key)),
    );
    for (const answer of both) {
      expect(answer).toMatchObject({ cart: { version: 2, itemCount: 2 }, userErrors: [] });
    }
    await me.add(cart.id, [{ sku: "pen", quantity: 1 }]);
    expect(await me.add(cart.id, [{ sku: "mug", quantity: 2 }], key)).toMatchObject({
      cart: { version: 3, itemCount: 3 },
      userErrors: [],
    });
    const other = await me.add(cart.id, [{ sku: "mug", quantity: 3 }], key);
    expect(other.userErrors).toEqual([{ code: "IDEMPOTENCY_KEY_REUSED", field: ["idempotencyKey"] }]);
    expect(await me.read(cart.id)).toMatchObject({ version: 3, itemCount: 3 });
  });

  it("is created once per key", async () => {
    const me = shopper(service, identity);
    const input = { lines: [{ sku: "mug", quantity: 1 }], idempotencyKey: newKey() };
    const all = await Promise.all(Array.from({ length: 6 }, () => me.create(input)));
    expect(new Set(all.map((answer) => answer.cart.id)).size).toBe(1);
    const other = await me.create({ ...input, lines: [{ sku: "mug", quantity: 2 }] });
    expect(other.userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
  });

  it("leaves the key of a refused change unused", async () => {
    const me = shopper(service, identity);
    const { cart } = await me.create();
    const key = newKey();
    const sku = `later-${identity.kind}`;
    const early = await me.add(cart.id, [{ sku, quantity: 1 }], key);
    expect(early.userErrors).toEqual([{ code: "NOT_FOR_SALE", field: ["lines", "0", "sku"] }]);
    await sell(service, productOf(sku));
    await eventually(
      async () => (await me.add(cart.id, [{ sku, quantity: 1 }], key)).userErrors.length === 0,
    );
    expect(await me.read(cart.id)).toMatchObject({ version: 2, itemCount: 1 });
  });

  it("refuses what it can't take, and changes nothing then", async () => {
    const me = shopper(service, identity);
    const { cart } = await me.create({ lines: [{ sku: "mug", quantity: 1 }] });
    const both = await me.add(cart.id, [
      { sku: "pen", quantity: 1 },
      { sku: "nothing", quantity: 1 },
    ]);
    expect(both.userErrors).toEqual([{ code: "NOT_FOR_SALE", field: ["lines", "1", "sku"] }]);
    const tooMany = await me.add(cart.id, [{ sku: "mug", quantity: 999 }]);
    expect(tooMany.userErrors).toEqual([{ code: "QUANTITY_LIMIT", field: ["lines", "0", "quantity"] }]);
    const noLine = await me.update(cart.id, [{ lineId: "nope", quantity: 1 }]);
    expect(noLine.userErrors).toEqual([{ code: "NOT_FOUND", field: ["lines", "0", "lineId"] }]);
    const noCart = await me.add("cart_nope", [{ sku: "mug", quantity: 1 }]);
    expect(noCart).toEqual({ cart: null, userErrors: [{ code: "NOT_FOUND", field: ["cartId"] }] });
    expect(await me.create({ currency: "EUR" })).toMatchObject({
      cart: null,
      userErrors: [{ code: "CURRENCY_NOT_SUPPORTED", field: ["input", "currency"] }],
    });
    expect(await me.create({ lines: [{ sku: "nothing", quantity: 1 }] })).toMatchObject({
      cart: null,
      userErrors: [{ code: "NOT_FOR_SALE", field: ["input", "lines", "0", "sku"] }],
    });
    expect(await me.read(cart.id)).toEqual(cart);
  });

  it("shows changes of price, stock and sale as problems within a second", async () => {
    const me = shopper(service, identity);
    const sku = `fickle-${identity.kind}`;
    await sell(service, productOf(sku));
    const { cart } = await me.create({ lines: [{ sku, quantity: 4 }] });
    const line = lineId(cart);
    await publishProduct(service, productOf(sku, { version: 2, price: 1200 }));
    await publishStock(service, sku, 3, 2);
    // Older versions that arrive late are ignored.
    await publishProduct(service, productOf(sku, { version: 1, price: 1 }));
    await publishStock(service, sku, 99, 1);
    const changed = await eventually(async () => {
      const read = await me.read(cart.id);
      return read.problems.length === 2 ? read : undefined;
    });
    expect(changed).toMatchObject({
      version: 1,
      lines: [{ unitPrice: { amount: "12.00" }, priceWhenAdded: { amount: "10.00" } }],
      problems: [
        { __typename: "NotEnoughStock", lineId: line, requested: 4, available: 3 },
        { __typename: "PriceChanged", lineId: line, was: { amount: "10.00" }, now: { amount: "12.00" } },
      ],
    });
    const touched = await me.update(cart.id, [{ lineId: line, quantity: 2 }]);
    expect(touched.cart).toMatchObject({ problems: [], lines: [{ priceWhenAdded: null }] });
    await publishProduct(service, productOf(sku, { version: 3, status: "ARCHIVED" }));
    await eventually(async () => (await me.read(cart.id)).problems[0]?.__typename === "NotForSale");
    const refused = await me.add(cart.id, [{ sku, quantity: 1 }]);
    expect(refused.userErrors).toEqual([{ code: "NOT_FOR_SALE", field: ["lines", "0", "sku"] }]);
    expect((await me.remove(cart.id, [line])).cart.lines).toEqual([]);
  });
});

it("prices a cart in another currency by the variants' own prices", async () => {
  const prices = [
    { amount: 1000, currency: "USD" },
    { amount: 900, currency: "EUR" },
  ];
  await sell(service, productOf("euro-mug", { variant: { prices } }));
  const me = shopper(service);
  const { cart } = await me.create({ currency: "EUR", lines: [{ sku: "euro-mug", quantity: 2 }] });
  expect(cart).toMatchObject({ currency: "EUR", subtotal: { amount: "18.00" } });
  const dollars = await me.add(cart.id, [{ sku: "mug", quantity: 1 }]);
  expect(dollars.userErrors).toEqual([{ code: "CURRENCY_NOT_SUPPORTED", field: ["lines", "0", "sku"] }]);
});

it("stops selling a variant that its product has no more, in whatever order the events arrive", async () => {
  const two = productOf("duo", { version: 1 });
  const [first] = two.variants;
  if (!first) throw new Error("the product has no variant");
  const second = { ...first, sku: "duo-b", variantId: "var_duo-b" };
  await publishProduct(service, { ...two, version: 2 });
  await publishProduct(service, { ...two, variants: [first, second] });
  await sell(service, productOf("fence"));
  const answer = await shopper(service).create({ lines: [{ sku: "duo-b", quantity: 1 }] });
  expect(answer.userErrors).toMatchObject([{ code: "NOT_FOR_SALE" }]);
  await publishProduct(service, { ...two, version: 3, variants: [first, second] });
  await publishProduct(service, { ...two, version: 4 });
  await sell(service, productOf("second-fence"));
  const later = await shopper(service).create({ lines: [{ sku: "duo-b", quantity: 1 }] });
  expect(later.userErrors).toMatchObject([{ code: "NOT_FOR_SALE" }]);
});

it("takes a guest's key for a new cart only as a UUID", async () => {
  const { userErrors } = await shopper(service).create({ idempotencyKey: "1" });
  expect(userErrors).toEqual([{ code: "INVALID_INPUT", field: ["input", "idempotencyKey"] }]);
  expect((await shopper(service, customer("usr_any")).create({ idempotencyKey: "1" })).userErrors).toEqual(
    [],
  );
});

it("makes no query for a guest who adds a cached variant", async () => {
  const me = shopper(service);
  const { cart } = await me.create({ lines: [{ sku: "mug", quantity: 1 }] });
  const addAll = () =>
    Promise.all(Array.from({ length: 50 }, () => me.add(cart.id, [{ sku: "mug", quantity: 1 }], newKey())));
  expect(await statementsOf(service, addAll)).toEqual([]);
  expect((await me.read(cart.id)).itemCount).toBe(51);
});

it("keeps no line of a product whose SKU has gone to another, and doesn't sell the other one in its place", async () => {
  const lamp = productOf("lamp");
  await sell(service, lamp);
  const me = shopper(service);
  const { cart } = await me.create({ lines: [{ sku: " lamp\u200b", quantity: 1 }] });
  const [variant] = lamp.variants;
  if (!variant) throw new Error("the product has no variant");
  const taker = { ...productOf("torch"), productId: "prd_torch", version: 1 };
  await publishProduct(service, { ...taker, variants: [{ ...variant, variantId: "var_torch", skuTurn: 2 }] });
  // What comes late of the first owner counts no more.
  await publishProduct(service, { ...lamp, version: 2 });
  await sell(service, productOf("fence-of-turns"));
  await eventually(async () => (await me.read(cart.id)).problems.length > 0);
  expect((await me.read(cart.id)).problems).toEqual([{ __typename: "NotForSale", lineId: lineId(cart) }]);
  const { cart: next } = await me.add(cart.id, [{ sku: "lamp", quantity: 2 }]);
  expect(next.lines).toMatchObject([{ sku: "lamp", quantity: 2, variant: { id: "var_torch" } }]);
});
