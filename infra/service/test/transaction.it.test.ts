import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openPostgres, type Tx } from "@shop/service";
import { eventually, testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/postgres/migrate.ts";
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
