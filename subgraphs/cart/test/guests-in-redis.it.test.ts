import type { Identity } from "@shop/service";
import {
  customer,
  eventually,
  guest,
  tableDrift,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { newId, newKey, refOf } from "@shop/values";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as tables from "../src/tables.ts";
import { lineId, orderConfirmed, productOf, sell, shopper, startCart } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let stop: () => Promise<void>;

beforeAll(async () => {
  stores = await testStores();
  ({ service, stop } = await startCart(stores));
  await sell(service, productOf("mug"));
});

afterAll(async () => {
  await stop?.();
  await stores?.[Symbol.asyncDispose]();
});

const someone = () => customer(newId("usr"));

it("keeps a guest cart 30 days from its last touch, and 6 hours while it is empty", async () => {
  const { redis } = service.kit;
  const me = shopper(service);
  const hoursLeft = async (id: string) => {
    await redis.expire(`cart:guest:${refOf(id)}`, 100);
    await me.read(id);
    return (await redis.ttl(`cart:guest:${refOf(id)}`)) / 3600;
  };
  const { cart } = await me.create({ lines: [{ sku: "mug", quantity: 1 }] });
  expect(await hoursLeft(cart.id)).toBeGreaterThan(29 * 24);
  const [line] = cart.lines;
  await me.remove(cart.id, [line?.id ?? ""]);
  expect(await hoursLeft(cart.id)).toBeCloseTo(6, 1);
  expect(await hoursLeft((await me.create()).cart.id)).toBeCloseTo(6, 1);
});

it("says when a guest's cart is forgotten, and a refused edit with a key begins that time anew", async () => {
  const { redis } = service.kit;
  const told = async (id: string, identity: Identity = guest) => {
    const { data } = await service.graphql(
      `query ($id: ID!) { cart(id: $id) { expiresAt } }`,
      { id },
      identity,
    );
    const expiresAt: string | null = data?.["cart"].expiresAt;
    return expiresAt === null ? null : Date.parse(expiresAt);
  };
  const me = shopper(service);
  const { cart } = await me.create({ lines: [{ sku: "mug", quantity: 1 }] });
  const key = `cart:guest:${refOf(cart.id)}`;
  for (const lines of [1, 0]) {
    if (lines === 0) await me.remove(cart.id, [lineId(cart)]);
    const at = await told(cart.id);
    expect(Math.abs((at ?? 0) - (Date.now() + (await redis.pttl(key))))).toBeLessThan(5_000);
  }
  await redis.expire(key, 100);
  const refused = await me.add(cart.id, [{ sku: "nothing-like-it", quantity: 1 }], newKey());
  expect(refused.userErrors).toHaveLength(1);
  expect(await redis.ttl(key)).toBeGreaterThan(5 * 3600);
  const who = someone();
  const own = await shopper(service, who).create({ lines: [{ sku: "mug", quantity: 1 }] });
  expect(await told(own.cart.id, who)).toBeNull();
});

it("keeps no guest cart under its id, which opens it", async () => {
  const { cart } = await shopper(service).create({ lines: [{ sku: "mug", quantity: 1 }] });
  const names = await service.kit.redis.keys("*");
  expect(names.filter((name) => name.includes(cart.id))).toEqual([]);
  expect(names).toContain(`cart:guest:${refOf(cart.id)}`);
});

it("has the tables that tables.ts describes", async () => {
  expect(await tableDrift(service.kit.pg.sql, tables)).toEqual([]);
});

it("finds a customer's cart by the hash of its id as Postgres makes it", async () => {
  const { cart } = await shopper(service, someone()).create({ lines: [{ sku: "mug", quantity: 2 }] });
  const rows = await service.kit.pg.sql`select ref from carts where id = ${cart.id}`;
  expect(rows[0]?.["ref"]).toBe(refOf(cart.id));
});

it.each([["a guest's", guest] as const, ["a customer's", someone()] as const])(
  "takes what was bought out of %s cart that the order knows by its hash alone",
  async (_, identity) => {
    const me = shopper(service, identity);
    const { cart } = await me.create({ lines: [{ sku: "mug", quantity: 2 }] });
    const { cartId, ...data } = orderConfirmed(cart).data;
    await service.publish({ ...orderConfirmed(cart), data: { ...data, cartRef: refOf(cartId ?? "") } });
    await eventually(async () => (await me.read(cart.id)).itemCount === 0);
  },
);

it("knows a cart's last 64 keys; one that comes again later is a new change", async () => {
  const me = shopper(service);
  const { cart } = await me.create();
  const add = (key: string) => me.add(cart.id, [{ sku: "mug", quantity: 1 }], key);
  for (let at = 0; at < 70; at++) await add(`key-${at}`);
  expect((await add("key-69")).cart.itemCount).toBe(70);
  expect((await add("key-6")).cart.itemCount).toBe(70);
  expect((await add("key-5")).cart.itemCount).toBe(71);
  expect(await service.kit.redis.hlen(`cart:guest:${refOf(cart.id)}`)).toBe(64 + 5);
});
