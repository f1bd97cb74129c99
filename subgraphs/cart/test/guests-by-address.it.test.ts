import { customer, eventually, guest, testStores, type TestService, type TestStores } from "@shop/testkit";
import type { Identity } from "@shop/service";
import { newId, refOf } from "@shop/values";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lineId, orderConfirmed, productOf, sell, shopper, startCart } from "./fixtures.ts";

let stores: TestStores;
let service: TestService;
let stop: () => Promise<void>;
const max = 6;

beforeAll(async () => {
  stores = await testStores();
  ({ service, stop } = await startCart(stores, { CART_GUEST_CARTS_PER_ADDRESS: String(max) }));
  await sell(service, productOf("mug"));
});

afterAll(async () => {
  await stop?.();
  await stores?.[Symbol.asyncDispose]();
});

const at = (client: string): Identity => ({ kind: "guest", client });
const lines = [{ sku: "mug", quantity: 1 }];
const keyOf = (id: string) => `cart:guest:${refOf(id)}`;

async function fill(me: ReturnType<typeof shopper>, count: number, input: object = { lines }) {
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push((await me.create({ ...input })).cart.id);
  return ids;
}

/** The positions of those carts that still exist. */
async function kept(ids: string[]): Promise<number[]> {
  const found = await Promise.all(ids.map((id) => service.kit.redis.exists(keyOf(id))));
  return found.flatMap((isKept, place) => (isKept ? [place] : []));
}

it("deletes an address' own longest untouched carts beyond the bound, and those of no other address", async () => {
  const [home, office] = [shopper(service, at("home")), shopper(service, at("office"))];
  const others = await fill(office, max);
  const mine = await fill(home, max);
  // A read and an edit touch the first two.
  await home.read(mine[0] ?? "");
  await home.add(mine[1] ?? "", lines);
  mine.push(...(await fill(home, 3)));
  expect(await kept(mine)).toEqual([0, 1, 5, 6, 7, 8]);
  expect(await home.read(mine[2] ?? "")).toBeNull();
  expect((await home.add(mine[2] ?? "", lines)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  expect(await kept(others)).toEqual([0, 1, 2, 3, 4, 5]);
});

it("keeps the bound when many carts come at once, from two instances", async () => {
  const { redis } = service.kit;
  const env = { CART_GUEST_CARTS_PER_ADDRESS: String(max), CART_DATABASE_URL: service.databaseUrl };
  const other = await startCart(stores, env);
  try {
    const both = [service, other.service].map((one) => shopper(one, at("rush")));
    const made = await Promise.all(
      Array.from({ length: 20 }, () => both.map((me) => me.create({ lines }))).flat(),
    );
    expect(await kept(made.map(({ cart }) => cart.id))).toHaveLength(max);
    expect(await redis.zcard("cart:client:rush:lines")).toBe(max);
  } finally {
    await other.stop();
  }
});

it("keeps half as many empty carts, and as many records of new ones, deleting what is beyond", async () => {
  const { redis } = service.kit;
  const me = shopper(service, at("empty"));
  const empty = await fill(me, max, {});
  expect(await kept(empty)).toEqual([3, 4, 5]);
  // A filled cart makes room among the empty ones, and an emptied one takes it again.
  const filled = (await me.add(empty[3] ?? "", lines)).cart;
  empty.push(...(await fill(me, 1, {})));
  expect(await kept(empty)).toEqual([3, 4, 5, 6]);
  await me.remove(filled.id, [lineId(filled)]);
  expect(await kept(empty)).toEqual([3, 5, 6]);

  const keys = Array.from({ length: max + 4 }, () => crypto.randomUUID());
  const before = (await redis.keys("cart:key:*")).length;
  const created = [];
  for (const idempotencyKey of keys) created.push((await me.create({ lines, idempotencyKey })).cart.id);
  expect((await redis.keys("cart:key:*")).length - before).toBe(max);
  expect((await me.create({ lines, idempotencyKey: keys.at(-1) })).cart.id).toBe(created.at(-1));
});

it("counts a cart at the address that wrote it last, and one of a release before at its next write", async () => {
  const { redis } = service.kit;
  const [cafe, train] = [shopper(service, at("cafe")), shopper(service, at("train"))];
  const [id = ""] = await fill(cafe, 1);
  await redis.hdel(keyOf(id), "client");
  await redis.del("cart:client:cafe:lines");
  expect((await cafe.read(id)).itemCount).toBe(1);
  await cafe.add(id, lines);
  expect(await redis.zrange("cart:client:cafe:lines", "0", "-1")).toEqual([refOf(id)]);
  await train.add(id, lines);
  expect(await redis.exists("cart:client:cafe:lines")).toBe(0);
  await fill(cafe, max + 1);
  expect(await kept([id])).toEqual([0]);
  await fill(train, max);
  expect(await kept([id])).toEqual([]);
});

it("forgets a cart that was claimed, has expired or was bought, and expires itself", async () => {
  const { redis } = service.kit;
  const me = shopper(service, at("gone"));
  const [claimed = "", expired = "", ...live] = await fill(me, max);
  await shopper(service, customer(newId("usr"))).claim(claimed);
  expect(await redis.zscore("cart:client:gone:lines", refOf(claimed))).toBeNull();
  await redis.del(keyOf(expired));
  await redis.zadd("cart:client:gone:lines", (Date.now() - 31 * 24 * 3_600_000) * 1_000, refOf(expired));
  live.push(...(await fill(me, 2)));
  expect(await kept(live)).toHaveLength(max);
  expect(await redis.zcard("cart:client:gone:lines")).toBe(max);
  expect(await redis.ttl("cart:client:gone:lines")).toBeGreaterThan(29 * 24 * 3_600);

  const bought = await me.read(live[0] ?? "");
  await service.publish(orderConfirmed(bought));
  await eventually(async () => (await me.read(bought.id)).itemCount === 0);
  expect(await redis.zrange("cart:client:gone:empty", "0", "-1")).toEqual([refOf(bought.id)]);
  expect(await redis.zcard("cart:client:gone:lines")).toBe(max - 1);
});

it("counts carts whose address no gateway signed together, ten times as many", async () => {
  const made = await fill(shopper(service, guest), 10 * max + 2);
  expect(await kept(made)).toHaveLength(10 * max);
  expect((await kept(made))[0]).toBe(2);
});

it("refuses guests' writes while Redis is full, still reads their carts, and readyz says why", async () => {
  const { redis } = service.kit;
  const me = shopper(service, at("full"));
  const [id = ""] = await fill(me, 1);
  const ready = async () => (await (await fetch(`${service.url}/readyz`)).json()) as Ready;
  const used = Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
  try {
    await redis.config("SET", "maxmemory", String(Math.round(used * 1.04)));
    expect(await ready()).toMatchObject({
      status: "degraded",
      troubles: { redis: expect.stringMatching(/9\d % of its \d+ MB/) },
    });
    await redis.config("SET", "maxmemory", "1");
    await expect(me.add(id, lines)).rejects.toThrow(/SERVICE_UNAVAILABLE/);
    await expect(me.create({ lines })).rejects.toThrow(/SERVICE_UNAVAILABLE/);
    expect((await me.read(id)).itemCount).toBe(1);
    expect(await ready()).toMatchObject({
      status: "degraded",
      troubles: { redis: expect.stringMatching(/refuses writes: OOM/) },
    });
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
  expect((await me.add(id, lines)).cart.itemCount).toBe(2);
  // A consumer says that it has caught up at its next check, 2 s later at most.
  await eventually(async () => expect(await ready()).toEqual({ status: "ready", troubles: {} }));
});

type Ready = { status: string; troubles: Record<string, string> };
