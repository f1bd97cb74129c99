import { randomUUID } from "node:crypto";
import { done, idempotent, openPostgres, unnestIds, type Tx } from "@shop/service";
import type { ShopEvent } from "@shop/events";
import { testStores, type TestStores } from "@shop/testkit";
import { jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handleOnce } from "../src/messaging/handle-once.ts";
import { migrate } from "../src/postgres/migrate.ts";
import { flakyPostgres } from "./fixture/flaky-postgres.ts";

let stores: TestStores;
let pg: ReturnType<typeof openPostgres>;
beforeAll(async () => {
  stores = await testStores();
  pg = openPostgres(await stores.databaseUrl("together"), { service: "shipping" });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
});
afterAll(async () => {
  await pg[Symbol.asyncDispose]();
  await stores[Symbol.asyncDispose]();
});

const note = (id: string, steps: number) =>
  pg.transactGrouped("notes", async ({ sql }) => {
    // Goes on with each answer, also with one that comes while the transaction is rolled back under it.
    for (let step = 0; step < steps; step++)
      await sql`insert into notes (id, body) values (${id + step}, '')`;
    const [row] = await sql<{ id: string }[]>`select pg_current_xact_id()::text as id`;
    return row?.id;
  });

test("what comes at once shares a transaction", async () => {
  const transactions = await Promise.all(["shared-a", "shared-b", "shared-c"].map((id) => note(id, 2)));
  expect(new Set(transactions).size).toBe(1);
  expect(await pg.sql`select 1 from notes where id like 'shared%'`).toHaveLength(6);
});

test("what those who share a transaction do at once is one statement, and each has its own answer", async () => {
  const statements: number[] = [];
  const write = async ({ sql }: Tx, ids: readonly string[]) => {
    statements.push(ids.length);
    const rows = await sql<{ id: string }[]>`
      insert into notes (id, body) select id, '' from ${unnestIds(sql, ids)} returning id`;
    return ids.map((id) => rows.findIndex((row) => row.id === id) + 1);
  };
  const one = (id: string) => pg.transactGrouped("gathered", (tx) => tx.batch(write, id));
  expect(await Promise.all(["gathered-a", "gathered-b", "gathered-c"].map(one))).toEqual([1, 2, 3]);
  expect(statements).toEqual([3]);
  // The second writes what is there: all three fail at once, then each by itself.
  const ended = await Promise.allSettled(["gathered-d", "gathered-a", "gathered-e"].map(one));
  expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(statements).toEqual([3, 3, 1, 1, 1]);
});

test("of several that share a transaction the one that fails leaves nothing behind, the others have their effect once", async () => {
  for (let trial = 0; trial < 50; trial++) {
    const failing = pg.transactGrouped("notes", async ({ sql }) => {
      await sql`insert into notes (id, body) values (${`bad-${trial}`}, '')`;
      for (let step = 0; step < trial % 7; step++) await sql`select 1`;
      throw new Error("no");
    });
    const ended = await Promise.allSettled([failing, note(`one-${trial}-`, 20), note(`two-${trial}-`, 20)]);
    expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(await pg.sql`select 1 from notes where id like ${`%-${trial}-%`}`).toHaveLength(40);
  }
  expect(await pg.sql`select 1 from notes where id like 'bad-%'`).toEqual([]);
});

test("who holds a row makes only those wait who want it", async () => {
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  await pg.sql`insert into notes (id, body) values ('held', '')`;
  const holding = pg.transact(async ({ sql }) => {
    await sql`select 1 from notes where id = 'held' for update`;
    await until;
  });
  const wanting = pg.transactGrouped("notes", async ({ sql }) => {
    await sql`update notes set body = 'had' where id = 'held'`;
  });
  await Promise.all([note("free-one", 1), note("free-two", 1)]);
  await note("free-three", 1);
  release();
  await Promise.all([holding, wanting]);
  expect(await pg.sql`select body from notes where id = 'held'`).toEqual([{ body: "had" }]);
});

test("a call that comes in the moment in which the last one ends is not forgotten", async () => {
  for (let depth = 0; depth < 8; depth++) {
    await note(`early-${depth}-`, 1);
    for (let turn = 0; turn < depth; turn++) await Promise.resolve();
    await note(`late-${depth}-`, 1);
  }
});

test("of two that lock the same rows against each other both have their effect", async () => {
  await pg.sql`insert into notes (id, body) values ('left', ''), ('right', '')`;
  const swap = (first: string, second: string) =>
    pg.transact(async ({ sql }) => {
      await sql`update notes set body = body || 'x' where id = ${first}`;
      await sql`select pg_sleep(0.2)`;
      await sql`update notes set body = body || 'x' where id = ${second}`;
    });
  await Promise.all([swap("left", "right"), swap("right", "left")]);
  expect(await pg.sql`select body from notes where id in ('left', 'right')`).toEqual([
    { body: "xx" },
    { body: "xx" },
  ]);
});

test("a caller that gets SERVICE_UNAVAILABLE from a slow database has written nothing, also when a connection comes free later", async () => {
  const url = await stores.databaseUrl("late");
  await using slow = openPostgres(url, { service: "shipping", max: 1, deadlineMs: 300 });
  await slow.sql`create table lines (n int)`;
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  const holding = slow.transact(() => until).catch(() => undefined);
  const writing = slow.transact(async ({ sql }) => {
    await sql`insert into lines values (1)`;
  });
  await expect(writing).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE" } });
  release();
  await holding;
  await slow.transact(({ sql }) => sql`select 1`);
  expect(await slow.sql`select * from lines`).toEqual([]);
});

test("a statement that misses its transaction is refused, since BEGIN may have failed before it", async () => {
  const url = await stores.databaseUrl("missed");
  await using one = openPostgres(url, { service: "shipping" });
  await one.sql`create table lines (n int)`;
  const writing = one.transact(async ({ sql }) => {
    await sql`rollback`;
    await sql`insert into lines values (1)`;
  });
  await expect(writing).rejects.toMatchObject({ code: "25006" });
  await one.transact(({ sql }) => sql`insert into lines values (2)`);
  expect(await one.sql`select n from lines`).toEqual([{ n: 2 }]);
});

test("a failed statement rolls back, also when its error is caught", async () => {
  const writing = pg.transact(async ({ sql }) => {
    await sql`insert into notes (id, body) values ('caught', '')`;
    await sql`select 1 / 0`.catch(() => undefined);
  });
  await expect(writing).rejects.toMatchObject({ code: "22012" });
  expect(await pg.sql`select 1 from notes where id = 'caught'`).toEqual([]);
});

test("JSON that drizzle writes in a transaction is stored as JSON, not as a string of it", async () => {
  const papers = pgTable("papers", { id: text().notNull(), body: jsonb().notNull() });
  await pg.sql`create table papers (id text not null, body jsonb not null)`;
  await pg.transact(async (tx) => {
    await tx.db.insert(papers).values({ id: "drizzle", body: [1, 2] });
    await tx.sql`insert into papers (id, body) values ('sql', ${tx.sql.json([1, 2])})`;
  });
  const rows = await pg.sql`select jsonb_typeof(body) as type, body from papers`;
  expect(rows).toEqual(Array.from({ length: 2 }, () => ({ type: "array", body: [1, 2] })));
});

test("of two calls under one key in a crowded group the first is carried out, and both have its answer", async () => {
  const grouped = { transact: <T>(work: (tx: Tx) => Promise<T>) => pg.transactGrouped("crowd", work) };
  // Rows of one key that a statement sorts are in no certain order.
  for (let round = 0; round < 10; round++) {
    const keys = Array.from({ length: 16 }, () => randomUUID());
    const carriedOut: string[] = [];
    const call = (key: string, name: string) => {
      const claim = { caller: "guest", operation: "order", key, input: key, answer: name };
      return idempotent(grouped, claim, async () => {
        carriedOut.push(name);
        return { keep: true, answer: name };
      });
    };
    const pairs = await Promise.all(
      keys.map((key) => Promise.all([call(key, `${key} first`), call(key, `${key} second`)])),
    );
    for (const [one, other] of pairs) {
      expect(one).toMatchObject({ replayed: false, reused: false });
      expect(other).toEqual({ ...one, replayed: true });
    }
    expect(carriedOut.toSorted()).toEqual(keys.map((key) => `${key} first`).toSorted());
  }
});

test("events and idempotent calls of a group whose COMMIT was made, and its answer lost, have their effect once", async () => {
  const url = await stores.databaseUrl("unanswered");
  const proxy = await flakyPostgres(url);
  const flaky = openPostgres(proxy.url, { service: "shipping", max: 1 });
  await migrate(flaky.sql, new URL("./fixture/migrations/", import.meta.url));
  await flaky.sql`create table effects (of text)`;
  let runs = 0;
  const effect = async ({ sql }: Tx, of: string) => {
    runs++;
    await sql`insert into effects values (${of})`;
  };
  const handle = (name: string) => {
    const event = { id: randomUUID(), producer: "order", type: "OrderConfirmed", data: { orderId: name } };
    const handlers = {
      OrderConfirmed: async (tx: Tx) => {
        await effect(tx, name);
        return done();
      },
    };
    return handleOnce(flaky, handlers, event as unknown as ShopEvent);
  };
  const grouped = { transact: <T>(work: (tx: Tx) => Promise<T>) => flaky.transactGrouped("calls", work) };
  const call = (name: string) =>
    idempotent(grouped, { caller: "guest", operation: "note", key: name, input: name }, async (tx) => {
      await effect(tx, name);
      return { keep: true, answer: { name } };
    });

  proxy.loseCommits(1);
  expect(await Promise.all([handle("event-1"), handle("event-2")])).toEqual([
    { outcome: "ignored", reason: "SEEN" },
    { outcome: "ignored", reason: "SEEN" },
  ]);
  proxy.loseCommits(1);
  expect(await Promise.all([call("call-1"), call("call-2")])).toEqual([
    { reused: false, answer: { name: "call-1" }, replayed: true },
    { reused: false, answer: { name: "call-2" }, replayed: true },
  ]);
  // The events ran again, and their inbox rows refused them; the calls found their answers.
  expect(runs).toBe(6);
  const rows = await flaky.sql<{ of: string }[]>`select of from effects order by of`;
  expect(rows.map(({ of }) => of)).toEqual(["call-1", "call-2", "event-1", "event-2"]);
  await flaky[Symbol.asyncDispose]();
  proxy.close();
});
