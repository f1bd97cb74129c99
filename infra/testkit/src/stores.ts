import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startNats, startNatsProvisioner, startPostgres, startRedis } from "@shop/stack";
import postgres from "postgres";

/** Real stores of a test file's own: no other file's events, keys or rows are in them. */
export type TestStores = {
  /** Makes a fresh, empty database and gives its URL. */
  databaseUrl(name: string): Promise<string>;
  natsUrl: string;
  redisUrl: string;
  /** The store processes, for tests that stop, start or kill them. */
  nats: Awaited<ReturnType<typeof startNats>>;
  redis: Awaited<ReturnType<typeof startRedis>>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The URL of the Postgres that vitest's global set-up starts; test files share it, each with databases of its own. */
export const sharedPostgresVariable = "SHOP_TEST_POSTGRES_URL";

/** Brings up NATS and Redis for one test file, and databases in the Postgres that the test run shares. */
export async function testStores(): Promise<TestStores> {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-test-"));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const adminUrl = process.env[sharedPostgresVariable] ?? (await ownPostgres(folder, stack));
  const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  stack.defer(() => admin.end());
  const [nats, redis] = await Promise.all([startNats({ folder }), startRedis({ folder })]);
  stack.defer(() => nats.stop());
  stack.defer(() => redis.stop());
  const provisioner = await startNatsProvisioner(nats.url);
  stack.defer(() => provisioner.stop());
  const databases: string[] = [];
  stack.defer(async () => {
    for (const database of databases) await admin.unsafe(`drop database if exists ${database} with (force)`);
  });
  return {
    nats,
    redis,
    natsUrl: nats.url,
    redisUrl: redis.url,
    async databaseUrl(name) {
      const database = `test_${name}_${randomBytes(6).toString("hex")}`;
      await admin.unsafe(`create database ${database}`);
      databases.push(database);
      const url = new URL(adminUrl);
      url.pathname = `/${database}`;
      return url.href;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function ownPostgres(folder: string, stack: AsyncDisposableStack): Promise<string> {
  const server = await startPostgres({ folder, isDurable: false });
  stack.defer(() => server.stop());
  return server.url;
}
