import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { AckPolicy, connect, type NatsConnection } from "nats";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startNats, startStores, type RunningStores } from "@shop/stack";

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

async function makeFolder() {
  const made = await mkdtemp(path.join(tmpdir(), "shop-nats-"));
  return { path: made, [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) };
}

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

test("a service may publish its own events and nobody else's", async () => {
  await using cart = await natsAs("cart");
  expect(await refusal(cart, () => cart.publish("evt.cart.3.CartChanged", "{}"))).toBeUndefined();
  expect(await refusal(cart, () => cart.publish("evt.order.3.OrderPaid", "{}"))).toBe(
    "evt.order.3.OrderPaid",
  );
});

test("a service may ask its callees, who may answer; nobody else may listen in or be asked", async () => {
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

test("a service can make the stream and a consumer of its own, and cannot purge what others need", async () => {
  await using order = await natsAs("order");
  const manager = await order.jetstreamManager();
  await manager.streams.add({ name: "SHOP", subjects: ["evt.>"], allow_direct: true });
  await manager.consumers.add("SHOP", {
    durable_name: "order-inbox",
    filter_subject: "evt.*.0.>",
    ack_policy: AckPolicy.Explicit,
  });
  await order.jetstream().publish("evt.order.0.OrderPaid", "paid");
  const consumer = await order.jetstream().consumers.get("SHOP", "order-inbox");
  const message = await consumer.next({ expires: 5_000 });
  expect(message?.string()).toBe("paid");
  expect(await message?.ackAck()).toBe(true);
  expect(await refusal(order, () => order.publish("$JS.API.STREAM.PURGE.SHOP"))).toBe(
    "$JS.API.STREAM.PURGE.SHOP",
  );
  const last = await order.request("$JS.API.DIRECT.GET.SHOP.evt.order.>");
  expect(last.string()).toBe("paid");
});

test("a service reads no single event of another, and neither sees, empties nor deletes another's consumer", async () => {
  await using search = await natsAs("search");
  const about = '{"last_by_subj":"evt.order.>"}';
  const filtered = { stream_name: "SHOP", config: { durable_name: "order-inbox", ack_policy: "explicit" } };
  const asks: [subject: string, body?: string][] = [
    ["$JS.API.STREAM.MSG.GET.SHOP", about],
    ["$JS.API.DIRECT.GET.SHOP", about],
    ["$JS.API.DIRECT.GET.SHOP.evt.order.>"],
    ["$JS.API.DIRECT.GET.SHOP.evt.order.0.OrderPaid"],
    ["$JS.API.CONSUMER.LIST.SHOP"],
    ["$JS.API.CONSUMER.NAMES.SHOP"],
    ["$JS.API.CONSUMER.INFO.SHOP.order-inbox"],
    ["$JS.API.CONSUMER.MSG.NEXT.SHOP.order-inbox", '{"batch":1}'],
    ["$JS.API.CONSUMER.DELETE.SHOP.order-inbox"],
    ["$JS.API.CONSUMER.DURABLE.CREATE.SHOP.order-inbox", JSON.stringify(filtered)],
    ["$JS.API.CONSUMER.CREATE.SHOP.order-inbox", JSON.stringify(filtered)],
    ["$JS.API.CONSUMER.CREATE.SHOP", JSON.stringify(filtered)],
    ["$JS.API.CONSUMER.PAUSE.SHOP.order-inbox"],
    ["$JS.API.STREAM.UPDATE.SHOP"],
    ["$JS.API.STREAM.DELETE.SHOP"],
    ["$JS.API.STREAM.MSG.DELETE.SHOP", '{"seq":1}'],
    ["$JS.ACK.SHOP.order-inbox.1.1.1.1.0"],
  ];
  for (const [subject, body] of asks) {
    expect(await refusal(search, () => search.publish(subject, body))).toBe(subject);
  }
  await using order = await natsAs("order");
  const { name } = await order
    .jetstream()
    .consumers.get("SHOP", "order-inbox")
    .then((it) => it.info());
  expect(name).toBe("order-inbox");
});

test("a stream of an earlier release is made readable by subject when NATS starts again", async () => {
  await using data = await makeFolder();
  const admin = { name: "admin", password: "of this test" };
  const nats = await startNats({ folder: data.path, admin });
  const manage = async () => {
    const connection = await connect({
      servers: `127.0.0.1:${nats.port}`,
      user: admin.name,
      pass: admin.password,
    });
    return { connection, manager: await connection.jetstreamManager() };
  };
  const before = await manage();
  await before.manager.streams.add({ name: "SHOP", subjects: ["evt.>"], max_age: 3600e9 });
  await before.connection.close();
  await nats.stop();
  const again = await startNats({ folder: data.path, admin, port: nats.port });
  try {
    const { connection, manager } = await manage();
    const { config } = await manager.streams.info("SHOP");
    expect(config).toMatchObject({ allow_direct: true, max_age: 3600e9, subjects: ["evt.>"] });
    await connection.close();
  } finally {
    await again.stop();
  }
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
