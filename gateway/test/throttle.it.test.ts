import { testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop } from "./shop/shop.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const logIn = `mutation { logIn(input: { email: "guess@shop.test", password: "x" }) { accessToken } }`;

test("two gateways count attempts at signing in together, and go on counting when Redis is gone", async () => {
  await using first = await openShop({ REDIS_URL: stores.redisUrl });
  await using second = await openShop({ REDIS_URL: stores.redisUrl });
  const statuses: number[] = [];
  for (const shop of [
    first,
    second,
    first,
    second,
    first,
    second,
    first,
    second,
    first,
    second,
    first,
    second,
  ]) {
    statuses.push((await shop.ask(logIn)).status);
  }
  expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);

  await stores.redis.stop();
  const alone: number[] = [];
  for (let attempt = 1; attempt <= 12; attempt++) alone.push((await first.ask(logIn)).status);
  expect(alone).toEqual([...Array<number>(10).fill(200), 429, 429]);
});

test("LIMITS=off counts nothing, and says so", async () => {
  await using shop = await openShop({ LIMITS: "off" });
  const statuses = new Set<number>();
  for (let attempt = 1; attempt <= 12; attempt++) statuses.add((await shop.ask(logIn)).status);
  expect([...statuses]).toEqual([200]);
  expect(shop.logs.join()).toContain("NOTHING THROTTLES");
});
