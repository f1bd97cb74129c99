import {
  customer,
  eventually,
  guest,
  tableDrift,
  testStores,
  type TestService,
  type TestStores,
} from "@shop/testkit";
import { newId, refOf } from "@shop/values";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as tables from "../src/tables.ts";
import { orderConfirmed, productOf, sell, shopper, startCart } from "./fixtures.ts";

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
