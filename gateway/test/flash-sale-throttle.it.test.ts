import { testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openShop, type TestShop } from "./shop/shop.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const enter = `mutation { flashSaleEnter(flashSaleId: "fls_1") }`;
const times = (count: number, status: number) => Array<number>(count).fill(status);
const anyAddress = () => `10.2.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`;

const openRush = (settings: Parameters<typeof openShop>[0] = {}) =>
  openShop({ TRUST_PROXY: 1, REDIS_URL: stores.redisUrl, ...settings });

async function enterFrom(shop: TestShop, userId: string, address: string, query = enter) {
  const token = await shop.token({ userId });
  return await shop.ask(query, { token, headers: { "x-forwarded-for": address } });
}

test("a customer enters ten times a minute, from all addresses and gateways added up, and learns when to try again", async () => {
  await using first = await openRush();
  await using second = await openRush();
  const statuses: number[] = [];
  for (let at = 0; at < 12; at++)
    statuses.push((await enterFrom(at % 2 ? first : second, "usr_bot", anyAddress())).status);
  expect(statuses).toEqual([...times(10, 200), ...times(2, 429)]);
  const { headers, errors, data } = await enterFrom(first, "usr_bot", anyAddress());
  const seconds = Number(headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(30);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: seconds });
  expect(data ?? null).toBeNull();
  expect((await enterFrom(first, "usr_other", anyAddress())).status).toBe(200);
});

test("an address enters a hundred times a minute, with as many customers as it has", async () => {
  await using shop = await openRush();
  const statuses = await Promise.all(
    Array.from(
      { length: 110 },
      async (_, at) => (await enterFrom(shop, `usr_many_${at}`, "198.51.100.1")).status,
    ),
  );
  expect(statuses.toSorted((one, other) => one - other)).toEqual([...times(100, 200), ...times(10, 429)]);
  expect((await enterFrom(shop, "usr_many_0", "198.51.100.2")).status).toBe(200);
});

test("entries under other names in one operation count one each", async () => {
  await using shop = await openRush();
  const six = `mutation { ${[1, 2, 3, 4, 5, 6].map((at) => `e${at}: flashSaleEnter(flashSaleId: "fls_${at}")`).join(" ")} }`;
  expect((await enterFrom(shop, "usr_aliases", "198.51.100.3", six)).status).toBe(200);
  expect((await enterFrom(shop, "usr_aliases", "198.51.100.3", six)).status).toBe(429);
});

test("the limit holds while Redis is away, and is off with LIMITS=off", async () => {
  const away = "redis://127.0.0.1:1";
  await using shop = await openRush({ REDIS_URL: away });
  await using unlimited = await openRush({ REDIS_URL: away, LIMITS: "off" });
  const statuses = async (at: TestShop) => {
    const list: number[] = [];
    for (let count = 0; count < 12; count++)
      list.push((await enterFrom(at, "usr_away", "198.51.100.4")).status);
    return list;
  };
  expect(await statuses(shop)).toEqual([...times(10, 200), ...times(2, 429)]);
  expect(await statuses(unlimited)).toEqual(times(12, 200));
});
