import { openPostgres } from "@shop/service";
import { testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/migrate.ts";

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
  pg.transactTogether(async ({ sql }) => {
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

test("of several that share a transaction the one that fails leaves nothing behind, the others have their effect once", async () => {
  for (let trial = 0; trial < 50; trial++) {
    const failing = pg.transactTogether(async ({ sql }) => {
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
