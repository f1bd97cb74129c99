import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import postgres from "postgres";
import { provisionPostgres, startShop, startStores, type RunningStores } from "@shop/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { subgraphNames, usesStore } from "../src/topology.ts";

let folder: string;
let stores: RunningStores;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "shop-privileges-"));
  stores = await startStores({ dataFolder: folder, secret: "a secret of this test", isDurable: false });
});
afterAll(async () => {
  await stores.stop();
  await rm(folder, { recursive: true, force: true });
});

const setting = (service: string, name: string): string =>
  stores.env[service]?.[`${service.toUpperCase()}_${name}`] ?? "";

const withPostgres = subgraphNames.filter((name) => usesStore(name, "postgres"));

/** The refusal of a service that enters a database; undefined where it may. */
async function refusalOf(
  service: string,
  database: string,
  statement = "SELECT 1",
): Promise<string | undefined> {
  const url = new URL(setting(service, "DATABASE_URL"));
  url.pathname = `/${database}`;
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sql.end();
  }
}

test("a service's role enters its own database and no other, neither another service's nor the server's", async () => {
  for (const service of withPostgres) {
    const databases = ["postgres", "template1", "template0", ...withPostgres.map((name) => `shop_${name}`)];
    const entered: string[] = [];
    for (const database of databases) if (!(await refusalOf(service, database))) entered.push(database);
    expect(entered).toEqual([`shop_${service}`]);
  }
});

test("it may neither make databases and roles nor reach the server's files and programs", async () => {
  for (const statement of [
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "CREATE EXTENSION dblink",
    "SELECT pg_read_file('postgresql.conf')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "SET ROLE shop_payment",
    "SELECT pg_switch_wal()",
  ])
    expect([statement, await refusalOf("order", "shop_order", statement)]).toEqual([
      statement,
      expect.stringMatching(/permission denied|not available|not valid/),
    ]);
  expect(await refusalOf("order", "shop_order", "CREATE TEMP TABLE mine (id int)")).toBeUndefined();
});

test("databases that were opened again, as a restored dump is, are closed at the next start", async () => {
  const admin = postgres(stores.urls.postgres, { max: 1, onnotice: () => undefined });
  const open = async () =>
    (
      await admin<{ name: string }[]>`
        SELECT datname AS name FROM pg_database
        WHERE datallowconn AND EXISTS (
          SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE grantee = 0)`
    ).map(({ name }) => name);
  try {
    expect(await open()).toEqual([]);
    for (const name of ["postgres", "template1", "shop_order"])
      await admin.unsafe(`GRANT CONNECT, TEMP ON DATABASE ${name} TO PUBLIC`);
    const password = new URL(setting("order", "DATABASE_URL")).password;
    await provisionPostgres(stores.urls.postgres, [{ name: "order", password }]);
    expect(await open()).toEqual([]);
    // Where others use the server too, its common databases are theirs to close.
    await admin.unsafe("CREATE ROLE another_app LOGIN");
    await admin.unsafe("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    await provisionPostgres(stores.urls.postgres, [{ name: "order", password }]);
    expect(await open()).toEqual(["postgres"]);
  } finally {
    await admin.unsafe("DROP ROLE IF EXISTS another_app");
    await admin.unsafe("REVOKE ALL ON DATABASE postgres FROM PUBLIC");
    await admin.end();
  }
});

const dangerous: [command: string, ...args: string[]][] = [
  ["KEYS", "*"],
  ["SCAN", "0"],
  ["RANDOMKEY"],
  ["DBSIZE"],
  ["FUNCTION", "LIST"],
  ["FUNCTION", "FLUSH"],
  ["FUNCTION", "LOAD", "#!lua name=x\nredis.register_function('x', function() return 1 end)"],
  ["FCALL", "x", "0"],
  ["SCRIPT", "FLUSH"],
  ["SCRIPT", "KILL"],
  ["SCRIPT", "EXISTS", "x"],
  ["MIGRATE", "127.0.0.1", "1", "own", "0", "10"],
  ["DUMP", "own"],
  ["RESTORE", "own", "0", "x"],
  ["COPY", "own", "own:2"],
  ["MOVE", "own", "1"],
  ["RENAME", "own", "own:2"],
  ["SORT", "own"],
  ["OBJECT", "ENCODING", "own"],
  ["MEMORY", "USAGE", "own"],
  ["SELECT", "1"],
  ["SWAPDB", "0", "1"],
  ["FLUSHALL"],
  ["FLUSHDB"],
  ["CONFIG", "GET", "*"],
  ["CONFIG", "SET", "dir", "/tmp"],
  ["SAVE"],
  ["BGSAVE"],
  ["BGREWRITEAOF"],
  ["SHUTDOWN", "NOSAVE"],
  ["REPLICAOF", "127.0.0.1", "1"],
  ["DEBUG", "SLEEP", "0"],
  ["MODULE", "LIST"],
  ["ACL", "LIST"],
  ["ACL", "WHOAMI"],
  ["CLIENT", "LIST"],
  ["CLIENT", "KILL", "TYPE", "normal"],
  ["CLIENT", "PAUSE", "1"],
  ["CLIENT", "NO-EVICT", "on"],
  ["MONITOR"],
  ["SLOWLOG", "GET"],
  ["LATENCY", "LATEST"],
  ["WAIT", "0", "1"],
  ["PUBLISH", "cart:1", "x"],
  ["SUBSCRIBE", "cart:1"],
  ["PSUBSCRIBE", "*"],
  ["PUBSUB", "CHANNELS"],
  ["EVAL", "return redis.call('KEYS', '*')", "0"],
  ["EVAL", "return redis.call('GET', KEYS[1])", "1", "another:1"],
];

test("a user of Redis sends what it needs, on its own keys, and nothing else", async () => {
  for (const user of ["cart", "search", "gateway"]) {
    const redis = new Redis(setting(user, "REDIS_URL"), { lazyConnect: true, retryStrategy: () => null });
    redis.on("error", () => undefined);
    await redis.connect();
    expect(await redis.set(`${user}:1`, "x", "EX", 60)).toBe("OK");
    expect(await redis.get(`${user}:1`)).toBe("x");
    const allowed: string[] = [];
    for (const [command, ...args] of dangerous) {
      const own = args.map((arg) => arg.replace(/^own/, `${user}:1`).replace(/^cart:/, `${user}:`));
      const refusal = await redis.call(command, ...own).then(
        () => "",
        (error: Error) => error.message,
      );
      if (!/NOPERM|permission|not allowed|can't run this command/i.test(refusal))
        allowed.push(`${user}: ${command} ${args.join(" ")} ${refusal}`);
    }
    expect(allowed).toEqual([]);
    redis.disconnect();
  }
});

test("Redis has an upper bound, at which it refuses and evicts nothing", async () => {
  const admin = new Redis(stores.urls.redis);
  try {
    expect(await admin.config("GET", "maxmemory")).toEqual(["maxmemory", String(512 * 1024 * 1024)]);
    expect(await admin.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    await admin.set("cart:guest:1", "kept");
    await admin.config("SET", "maxmemory", "1");
    const cart = new Redis(setting("cart", "REDIS_URL"));
    await expect(cart.set("cart:guest:2", "x")).rejects.toThrow("OOM");
    expect(await cart.get("cart:guest:1")).toBe("kept");
    cart.disconnect();
  } finally {
    await admin.config("SET", "maxmemory", "512mb");
    admin.disconnect();
  }
});

type Answer = {
  data: {
    search: { nodes: { variants: { sku: string }[] }[] };
    cartCreate: { cart: { id: string } };
    logIn: { session: { accessToken: string } };
  };
  errors?: unknown;
};

const walk = `mutation Walk($cart: CartCreateInput!, $logIn: LogInInput!) {
  cartCreate(input: $cart) { cart { id version lines { id } } userErrors { message } }
  logIn(input: $logIn) { session { accessToken } }
}`;

test("a shop at work needs nothing that its users of Redis may not do", { timeout: 120_000 }, async () => {
  const env = { CART_GUEST_CARTS_PER_ADDRESS: "1" };
  await using shop = await startShop({ dataFolder: path.join(folder, "shop"), products: 20, env });
  const ask = async (query: string, variables: object = {}, token?: string) => {
    const response = await fetch(shop.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  };
  const search = "{ search(first: 3) { nodes { variants { sku } } } }";
  const found = await ask(search);
  await ask(search);
  const sku = found.data.search.nodes[0]?.variants[0]?.sku ?? "";
  const user = { email: "customer@shop.test", password: "demo-password-1" };
  const first = await ask(walk, { cart: { lines: [{ sku, quantity: 1 }] }, logIn: user });
  const { cart } = first.data.cartCreate;
  const token = first.data.logIn.session.accessToken;
  for (let empty = 0; empty < 3; empty++)
    await ask(walk, { cart: {}, logIn: { ...user, password: "wrong password" } });
  const claimed = await ask(
    `mutation($id: ID!) { cartClaim(cartId: $id) { cart { id } userErrors { message } } }`,
    { id: cart.id },
    token,
  );
  expect([found, first, claimed].map(({ errors }) => errors)).toEqual([undefined, undefined, undefined]);
  const admin = new Redis((await shop.status()).stores.redis);
  const denied = (await admin.call("ACL", "LOG")) as unknown[];
  // The gateway signs the address: this one keeps one empty cart, as it may.
  const clients = await admin.keys("cart:client:*");
  expect(clients).toEqual([expect.stringMatching(/^cart:client:[\w-]{22}:empty$/)]);
  expect(await admin.zcard(clients[0] ?? "")).toBe(1);
  admin.disconnect();
  expect(denied).toEqual([]);
});
