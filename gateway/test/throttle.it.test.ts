import { testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rightPassword } from "./shop/account.ts";
import { openShop } from "./shop/shop.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const logIn = `mutation { logIn(input: { email: "guess@shop.test", password: "x" }) { session { accessToken } } }`;

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

test("who knows the password may sign in as often as they like, and who guesses at many at once is", async () => {
  await using shop = await openShop({ LIMITS: "on" });
  const guess = (email: string, password: string, asking: string) =>
    shop.ask(`mutation { logIn(input: { email: "${email}", password: "${password}" }) { ${asking} } }`);
  const right = [];
  for (let attempt = 1; attempt <= 12; attempt++)
    right.push(
      (await guess("ada@shop.test", rightPassword, "...on SessionPayload { s: session { accessToken } }"))
        .status,
    );
  const input = `input: { email: "eve@shop.test", password: "${rightPassword}" }`;
  const inTwoParts = `mutation { ...A ...B }
    fragment A on Mutation { logIn(${input}) { session { accessToken } } }
    fragment B on Mutation { logIn(${input}) { problems } }`;
  for (let attempt = 1; attempt <= 12; attempt++) right.push((await shop.ask(inTwoParts)).status);
  expect(new Set(right)).toEqual(new Set([200]));

  const disguised = "session: __typename problems";
  const wrong = await Promise.all(
    Array.from({ length: 15 }, (_, at) =>
      guess("bob@shop.test", "x", at % 2 ? "session { accessToken }" : disguised),
    ),
  );
  expect(wrong.filter(({ status }) => status === 429)).toHaveLength(5);
});

test("LIMITS=off counts nothing, and says so", async () => {
  await using shop = await openShop({ LIMITS: "off" });
  const statuses = new Set<number>();
  for (let attempt = 1; attempt <= 12; attempt++) statuses.add((await shop.ask(logIn)).status);
  expect([...statuses]).toEqual([200]);
  expect(shop.logs.join()).toContain("NOTHING THROTTLES");
});
