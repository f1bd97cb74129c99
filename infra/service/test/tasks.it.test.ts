import { setTimeout as sleep } from "node:timers/promises";
import { openPostgres } from "@shop/service";
import { eventually, testStores, type TestStores } from "@shop/testkit";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/postgres/migrate.ts";
import { startTasks, type TaskKinds } from "../src/tasks/task-queue.ts";

let stores: TestStores;
beforeAll(async () => void (stores = await testStores()));
afterAll(() => stores[Symbol.asyncDispose]());

/** A database with a worker for one kind of task, which counts how many run at once. */
async function openWorker(how: { max?: number; concurrency?: number; run?: TaskKinds[string]["run"] }) {
  const url = await stores.databaseUrl("tasks");
  const pg = openPostgres(url, { service: "shipping", ...(how.max && { max: how.max }) });
  await migrate(pg.sql, new URL("./fixture/migrations/", import.meta.url));
  const ran: string[] = [];
  const warnings: unknown[] = [];
  let running = 0;
  const counted = { running: 0, ran, most: 0, warnings };
  const log = pino({ level: "warn" }, { write: (line: string) => void warnings.push(line) });
  const stop = new AbortController();
  const tasks = startTasks({
    ...{ pg, log, signal: stop.signal },
    kinds: {
      work: {
        concurrency: how.concurrency ?? 4,
        async run(task) {
          counted.most = Math.max(counted.most, ++running);
          await how.run?.(task);
          ran.push(task.id);
          running--;
        },
      },
    },
  });
  return {
    pg,
    counted,
    left: async () => (await pg.sql`select 1 from tasks`).length,
    async stop() {
      stop.abort();
      await tasks.running;
    },
  };
}

const briefly = () => new Promise<void>((resolve) => setImmediate(resolve));

test("no more run at once than may, however many are left by whom, and each runs once", async () => {
  const { pg, counted, left, stop } = await openWorker({ max: 2, concurrency: 2, run: briefly });
  const ids = Array.from({ length: 1_500 }, (_, n) => `task ${n}`);
  const rest = ids.values();
  const leave = async () => {
    for (const id of rest)
      await pg.transactGrouped(`by ${id.at(-1)}`, async (tx) => tx.enqueue("work", {}, { id }));
  };
  await Promise.all(Array.from({ length: 30 }, leave));
  await eventually(async () => (await left()) === 0);
  expect(counted.ran.toSorted()).toEqual(ids.toSorted());
  expect([counted.most, counted.warnings]).toEqual([2, []]);
  await stop();
  await pg[Symbol.asyncDispose]();
});

test("no more run at once than may, whatever plan Postgres has for the claim", async () => {
  const { pg, counted, left, stop } = await openWorker({ max: 1, concurrency: 2, run: () => sleep(5) });
  // The plan of a table whose statistics are old: the choice of rows is run again for each row of the table.
  for (const plan of ["hashjoin", "mergejoin", "hashagg", "sort", "material"])
    await pg.sql.unsafe(`set enable_${plan} = off`);
  await pg.sql`
    insert into tasks (id, kind, payload) select 'task ' || n, 'work', '{}' from generate_series(1, 60) as n`;
  await eventually(async () => (await left()) === 0);
  expect(counted.ran).toHaveLength(60);
  expect([counted.most, counted.warnings]).toEqual([2, []]);
  await stop();
  await pg[Symbol.asyncDispose]();
});

test("an id that is left twice in one transaction is one task", async () => {
  const { pg, counted, left, stop } = await openWorker({ run: briefly });
  await Promise.all(
    [1, 2].map(() => pg.transactGrouped("shared", async (tx) => tx.enqueue("work", {}, { id: "twice" }))),
  );
  await eventually(async () => (await left()) === 0);
  await stop();
  expect(counted.ran).toEqual(["twice"]);
  await pg[Symbol.asyncDispose]();
});

test("a stop waits for what is being committed, and does it", async () => {
  const { pg, counted, stop } = await openWorker({ run: briefly });
  // The commit takes a while.
  await pg.sql.unsafe(`
    create function wait_a_while() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
    create constraint trigger wait_a_while after insert on tasks deferrable initially deferred
      for each row execute function wait_a_while()`);
  const { promise: isWritten, resolve: written } = Promise.withResolvers<void>();
  const leaving = pg.transact(async (tx) => {
    tx.enqueue("work", {}, { id: "late" });
    setTimeout(written, 200);
  });
  await isWritten;
  await stop();
  expect(counted.ran).toEqual(["late"]);
  await leaving;
  await pg[Symbol.asyncDispose]();
});
