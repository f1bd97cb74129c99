import { eventually, testStores, type TestStores } from "@shop/testkit";
import type { GraphQLError } from "graphql";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { openShop, type Answer, type TestShop } from "./shop/shop.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const page = (first: number) => `{ products(first: ${first}) { id title } }`;
const withVariable = "query ($n: Int) { products(first: $n) { id title } }";
const withDefault = "query ($n: Int = 500) { products(first: $n) { id title } }";
const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
const told = ({ extensions }: Answer) => extensions?.["cost"];
const openWith = (settings: Parameters<typeof openShop>[0]) =>
  openShop({ TRUST_PROXY: 1, COST_PER_ADDRESS: 3_000, COST_PER_USER: 2_000, ...settings });

/** Sends a query from another address until its document is cached, so that it costs no points of a new document. */
async function cache(shop: TestShop, query: string): Promise<void> {
  for (let at = 0; at < 2; at++) await shop.ask(query, from("192.0.2.1"));
}

/** Sends a query until it is refused; returns the number of accepted answers, and the refusal. */
async function untilRefused(shop: TestShop, query: string, options: Parameters<TestShop["ask"]>[1]) {
  for (let accepted = 0; accepted < 100; accepted++) {
    const answer = await shop.ask(query, options);
    if (answer.status === 429) return { accepted, answer };
    expect([answer.status, answer.errors]).toEqual([200, undefined]);
  }
  throw new Error("100 answers, and none was refused");
}

test("an address that has spent its points is refused with the time to wait, and other addresses are served", async () => {
  await using shop = await openWith({});
  await cache(shop, page(500));
  const { accepted, answer } = await untilRefused(shop, page(500), from("203.0.113.1"));
  expect(accepted).toBe(5);
  const { code, retryAfterSeconds, cost } = answer.errors?.[0]?.extensions ?? {};
  expect([code, cost]).toEqual(["RATE_LIMITED", expect.objectContaining({ limit: 3_000, remaining: 0 })]);
  expect(Number(answer.headers.get("retry-after"))).toBe(retryAfterSeconds);
  expect(retryAfterSeconds).toBeGreaterThan(0);
  expect((await shop.ask(page(3), from("203.0.113.1"))).status).toBe(429);
  expect((await shop.ask(page(500), from("203.0.113.2"))).status).toBe(200);
});

test("an answer tells what it cost: `first` by literal, variable or default, and each kilobyte that came", async () => {
  await using shop = await openWith({ COST_PER_ADDRESS: 30_000 });
  const cost = async (query: string, variables?: Record<string, unknown>) => {
    await shop.ask(query, { ...(variables && { variables }) });
    const again = await shop.ask(query, { ...(variables && { variables }) });
    return (told(again) as { requested: number }).requested;
  };
  expect(await cost(page(100))).toBeGreaterThanOrEqual(100);
  expect(await cost(page(100))).toBeLessThan(110);
  expect(await cost(withVariable, { n: 100 })).toBeGreaterThanOrEqual(100);
  expect(await cost(withDefault)).toBeGreaterThanOrEqual(500);
  const large = await cost(withVariable, { n: 1, unused: "x".repeat(10_000) });
  expect(large).toBeGreaterThanOrEqual(200);
});

test("documents that were never seen, and requests that are no GraphQL, are charged too", async () => {
  await using shop = await openWith({});
  const padding = " ".repeat(1_000);
  const statuses = [];
  for (let at = 0; at < 40; at++)
    statuses.push((await shop.ask(`query N${at} {${padding} products { id } }`)).status);
  expect(statuses).toContain(429);

  const wrong = [];
  for (let at = 0; at < 200; at++)
    wrong.push((await shop.ask(`{${padding} wrong${at} }`, from("203.0.113.9"))).status);
  expect(new Set(wrong)).toEqual(new Set([400, 429]));
});

test("a document that takes long to validate costs what that takes, whether it is valid or not", async () => {
  await using shop = await openWith({ COST_PER_ADDRESS: 20_000 });
  for (const field of ["id", "wrong"]) {
    const address = from(`203.0.113.${field.length}`);
    const statuses = [];
    for (let at = 0; at < 4; at++) {
      const query = `query N${at} { ${`products { ${field} } `.repeat(300)} }`;
      statuses.push((await shop.ask(query, address)).status);
    }
    expect(statuses.at(-1)).toBe(429);
  }
});

test("each operation that has to be planned is charged, also in a document that is kept", async () => {
  await using shop = await openWith({ COST_PER_ADDRESS: 60_000 });
  const many = Array.from({ length: 100 }, (_, at) => `query N${at} { products { id } }`).join(" ");
  const ask = (operationName: string) =>
    shop.ask(many, { operationName, ...from(`203.0.113.${operationName.length}`) });
  const costs = [];
  for (const name of ["N1", "N1", "N1", "N2", "N2", "N2"])
    costs.push((told(await ask(name)) as { requested: number }).requested);
  const [, , kept = 0, planned = 0, again = 0, keptToo] = costs;
  expect(kept).toBeLessThan(200);
  expect([planned > 1_000, again > 1_000, keptToo]).toEqual([true, true, kept]);
});

test("a signed-in user is charged at whatever address, and staff are not charged", async () => {
  await using shop = await openWith({});
  await cache(shop, page(500));
  const token = await shop.token({ userId: "usr_busy" });
  let accepted = 0;
  for (let at = 1; at <= 6; at++) {
    const { status } = await shop.ask(page(500), { token, ...from(`203.0.113.${at}`) });
    if (status === 200) accepted++;
  }
  expect(accepted).toBe(3);
  const staff = await shop.token({ userId: "usr_staff", roles: ["STAFF"] });
  for (let at = 0; at < 10; at++) {
    const answer = await shop.ask(page(500), { token: staff, ...from("203.0.113.1") });
    expect([answer.status, told(answer)]).toEqual([200, undefined]);
  }
});

test("a socket spends from the same points", async () => {
  await using shop = await openWith({ TRUST_PROXY: 0, COST_PER_ADDRESS: 4_000 });
  const client = createClient({
    url: `${shop.gateway.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const codes: unknown[] = [];
  for (let at = 0; at < 8; at++) {
    const refusal = await client
      .iterate({ query: page(500) })
      .next()
      .then(
        () => undefined,
        ([error]: GraphQLError[]) => error?.extensions["code"],
      );
    codes.push(refusal);
  }
  await client.dispose();
  expect(codes.slice(0, 5)).toEqual(Array(5).fill(undefined));
  expect(codes.slice(6)).toEqual(["RATE_LIMITED", "RATE_LIMITED"]);
  expect((await shop.ask(page(500))).status).toBe(429);
});

test("two gateways add up over Redis, and each goes on counting when Redis is gone", async () => {
  const settings = { REDIS_URL: stores.redisUrl };
  await using first = await openWith(settings);
  await using second = await openWith(settings);
  // A gateway counts alone until it is connected to Redis, so the first addresses may get more.
  let address = 0;
  await eventually(async () => {
    address++;
    const statuses = [];
    for (let at = 0; at < 10; at++)
      statuses.push((await (at % 2 ? first : second).ask(page(500), from(`198.51.100.${address}`))).status);
    expect(statuses.slice(0, 5)).toEqual(Array(5).fill(200));
    expect(statuses.slice(8)).toEqual([429, 429]);
    return true;
  });

  await stores.redis.stop();
  const { accepted } = await untilRefused(first, page(500), from("203.0.113.8"));
  expect(accepted).toBe(5);
});

test("a stream of small documents that were never seen is soon refused", async () => {
  await using shop = await openWith({ COST_PER_ADDRESS: 20_000 });
  const statuses = [];
  for (let at = 0; at < 60; at++)
    statuses.push((await shop.ask(`{ products { n${at}: id } }`, from("203.0.113.3"))).status);
  expect(statuses.indexOf(429)).toBeGreaterThan(20);
  expect(statuses.indexOf(429)).toBeLessThan(45);
});
