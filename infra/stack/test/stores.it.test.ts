import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { connect, type NatsConnection } from "nats";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startStores, type RunningStores } from "@shop/stack";

let folder: string;
let stores: RunningStores;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-stores-"));
  stores = await startStores({ dataFolder: folder, secret: "a secret of this test", isDurable: false });
});
afterAll(async () => {
  await stores.stop();
  await rm(folder, { recursive: true, force: true });
});

const setting = (service: string, name: string): string => {
  const value = stores.env[service]?.[`${service.toUpperCase()}_${name}`];
  if (value === undefined) throw new Error(`${service} has no ${name}`);
  return value;
};

async function natsAs(service: string): Promise<NatsConnection & AsyncDisposable> {
  const url = new URL(setting(service, "NATS_URL"));
  const connection = await connect({
    servers: url.host,
    user: url.username,
    pass: url.password,
    inboxPrefix: `_INBOX.${service}`,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

/** What the server says against it; undefined when it lets it pass. */
async function refusal(connection: NatsConnection, act: () => void): Promise<string | undefined> {
  const errors: string[] = [];
  const watching = (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error") errors.push(String(status.permissionContext?.subject));
    }
  })();
  act();
  await connection.flush();
  // The server answers in order: a second round trip comes after any refusal.
  await connection.flush();
  void watching;
  return errors[0];
}

test("a service may publish its own events and no other service's", async () => {
  await using cart = await natsAs("cart");
  expect(await refusal(cart, () => cart.publish("evt.cart.3.CartChanged", "{}"))).toBeUndefined();
  expect(await refusal(cart, () => cart.publish("evt.order.3.OrderPaid", "{}"))).toBe(
    "evt.order.3.OrderPaid",
  );
});

test("a service may send requests to its callees, which may reply; it may neither read nor call another service", async () => {
  await using order = await natsAs("order");
  await using cart = await natsAs("cart");
  await using search = await natsAs("search");
  cart.subscribe("req.cart.>", { callback: (_error, message) => message.respond(`for ${message.string()}`) });
  await cart.flush();
  const answer = await order.request("req.cart.quote", "order", { timeout: 2_000 });
  expect(answer.string()).toBe("for order");
  expect(await refusal(search, () => void search.subscribe("req.cart.>"))).toBe("req.cart.>");
  expect(await refusal(search, () => search.publish("req.cart.quote", "x"))).toBe("req.cart.quote");
  expect(await refusal(search, () => void search.subscribe("_INBOX.order.>"))).toBe("_INBOX.order.>");
});

test("a service has its own keys in Redis, and may neither see others' nor wipe everything", async () => {
  const redis = new Redis(setting("cart", "REDIS_URL"), { lazyConnect: true });
  await redis.connect();
  try {
    expect(await redis.set("cart:guest:1", "x")).toBe("OK");
    await expect(redis.get("gateway:throttle:1")).rejects.toThrow("NOPERM");
    await expect(redis.flushall()).rejects.toThrow("NOPERM");
    await expect(redis.config("GET", "maxmemory-policy")).rejects.toThrow("NOPERM");
  } finally {
    redis.disconnect();
  }
});

test("Redis never evicts a cart, and keeps an append-only file", async () => {
  const admin = new Redis(stores.urls.redis);
  try {
    expect(await admin.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    expect(await admin.config("GET", "appendonly")).toEqual(["appendonly", "yes"]);
  } finally {
    admin.disconnect();
  }
});

test("a service enters its own database only, and no statement of its runs for ever", async () => {
  const url = new URL(setting("order", "DATABASE_URL"));
  const own = postgres(url.href, { max: 1 });
  const foreign = new URL(url);
  foreign.pathname = "/shop_payment";
  const other = postgres(foreign.href, { max: 1 });
  try {
    expect(await own`SHOW statement_timeout`).toMatchObject([{ statement_timeout: "15s" }]);
    await own`CREATE TABLE mine (id int)`;
    await own`CREATE EXTENSION IF NOT EXISTS pg_trgm`;
    await expect(other`SELECT 1`).rejects.toThrow("permission denied for database");
  } finally {
    await Promise.all([own.end(), other.end()]);
  }
});

test("a NATS that refuses every user leaves no other store running", async () => {
  const other = await mkdtemp(path.join(tmpdir(), "shop-stores-"));
  try {
    const nats = new URL(stores.urls.nats);
    nats.password = "another";
    const external = { nats: nats.href, postgres: stores.urls.postgres };
    const starting = startStores({ dataFolder: other, secret: "another secret", external });
    await expect(starting).rejects.toThrow(/Authorization/i);
    // Each process that runs is on record there.
    expect(await readdir(path.join(other, "run"))).toEqual([]);
  } finally {
    await rm(other, { recursive: true, force: true });
  }
});
