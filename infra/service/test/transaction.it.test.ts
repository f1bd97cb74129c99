import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openPostgres, type Tx } from "@shop/service";
import { eventually, testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/postgres/migrate.ts";
import { flakyPostgres } from "./fixture/flaky-postgres.ts";
import { failed } from "./fixture/notes-service.ts";

let stores: TestStores;
let url: string;
let pg: ReturnType<typeof openPostgres>;
beforeAll(async () => {
  stores = await testStores();
  url = await stores.databaseUrl("transaction");
  pg = openPostgres(url, { service: "shipping" });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
});
afterAll(async () => {
  await pg[Symbol.asyncDispose]();
  await stores[Symbol.asyncDispose]();
});

const insert = (sql: Tx["sql"], id: string) => sql`insert into notes (id, body) values (${id}, '')`;
const isThere = async (id: string) => (await pg.sql`select 1 from notes where id = ${id}`).length === 1;

test("a deadline in the midst of the last statement leaves neither the rows nor the events", async () => {
  await using hasty = openPostgres(url, { service: "shipping", deadlineMs: 200 });
  const writing = hasty.transact(async (tx) => {
    await insert(tx.sql, "late");
    tx.publish(failed("ord_late"));
    await tx.sql`select pg_sleep(0.5)`;
  });
  await expect(writing).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE" } });
  await hasty.transact(({ sql }) => sql`select pg_sleep(0)`).catch(() => undefined);
  await eventually(
    async () =>
      (await pg.sql`select 1 from pg_stat_activity where state = 'idle in transaction'`).length === 0,
  );
  expect(await isThere("late")).toBe(false);
});

test("an event or a task that can't be written leaves nothing of its transaction", async () => {
  const refused = pg.transact(async (tx) => {
    await insert(tx.sql, "refused-event");
    tx.publish({ ...failed("ord_refused"), data: { orderId: 7 } } as never);
  });
  await expect(refused).rejects.toThrow();
  const unserialisable = pg.transact(async (tx) => {
    await insert(tx.sql, "refused-task");
    tx.enqueue("note", { big: 1n });
  });
  await expect(unserialisable).rejects.toThrow("BigInt");
  expect([await isThere("refused-event"), await isThere("refused-task")]).toEqual([false, false]);
});

test("a missing parameter is refused at once, as the first statement too", async () => {
  const begunAt = Date.now();
  const writing = pg.transact(({ sql }) => insert(sql, undefined as never));
  await expect(writing).rejects.toThrow("undefined");
  expect(Date.now() - begunAt).toBeLessThan(5_000);
  await pg.transact(({ sql }) => insert(sql, "after"));
  expect(await isThere("after")).toBe(true);
});

test("a statement that is first awaited after its transaction is refused, whatever has the connection then", async () => {
  await using single = openPostgres(url, { service: "shipping", max: 1 });
  let late: PromiseLike<unknown> | undefined;
  await single.transact(async ({ sql }) => {
    await sql`select 1`;
    late = insert(sql, "awaited-late");
  });
  const other = single.transact(async ({ sql }) => {
    await insert(sql, "other");
    await expect(late).rejects.toThrow("the transaction has ended");
  });
  await other;
  expect([await isThere("awaited-late"), await isThere("other")]).toEqual([false, true]);
});

test("the first of several errors is the transaction's", async () => {
  const writing = pg.transact(async (tx) => {
    await tx.sql`select 1 / 0`.catch(() => undefined);
    tx.publish(failed("ord_aborted"));
  });
  await expect(writing).rejects.toMatchObject({ code: "22012" });
});

test("a transaction's result is not kept once it has been handed over", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const result = async () =>
    new WeakRef(await pg.transact(() => Promise.resolve({ large: "x".repeat(10_000) })));
  const kept = await Promise.all(Array.from({ length: 20 }, result));
  await eventually(() => {
    gc();
    return kept.every((one) => one.deref() === undefined);
  }, "results of transactions are kept");
});

test("a connection that is lost while it is opened costs its transaction, and no other", async () => {
  const proxy = await flakyPostgres(url);
  const flaky = openPostgres(proxy.url, { service: "shipping", max: 1 });
  await flaky.sql`select 1`;
  for (let round = 0; round < 5; round++) {
    proxy.cut(1);
    await flaky.transact(({ sql }) => insert(sql, `cut-${round}`)).catch(() => undefined);
    proxy.cut(0);
    await flaky.transact(({ sql }) => insert(sql, `after-cut-${round}`));
    expect(await isThere(`after-cut-${round}`)).toBe(true);
  }
  await flaky[Symbol.asyncDispose]();
  proxy.close();
});

test("arrays, dates and JSON pass through a transaction as through the pool", async () => {
  const read = ({ sql }: Pick<Tx, "sql">) => sql`
    select array['a', 'b'] as texts, array[1, 2]::bigint[] as numbers, '{"a": [1]}'::jsonb as json,
      '2026-11-30T00:00:00Z'::timestamptz as at, ${["x", "y"]}::text[] as sent`;
  const [[inside], [outside]] = [await pg.transact((tx) => read(tx)), await read({ sql: pg.sql as never })];
  expect(inside).toEqual(outside);
  expect(inside).toMatchObject({ texts: ["a", "b"], numbers: [1, 2], json: { a: [1] }, sent: ["x", "y"] });
});

test("a missing parameter of a statement with numbered parameters is refused at once", async () => {
  const writing = pg.transact(({ sql }) =>
    sql.unsafe("insert into notes (id) values ($1)", [undefined as never]),
  );
  await expect(writing).rejects.toThrow("undefined");
});
