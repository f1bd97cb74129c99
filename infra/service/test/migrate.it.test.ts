import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { openPostgres } from "@shop/service";
import { testStores, type TestStores } from "@shop/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../src/postgres/migrate.ts";

let stores: TestStores;
beforeAll(async () => {
  stores = await testStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** A folder of migrations beside a database of its own. */
async function open(files: Record<string, string>) {
  const root = await mkdtemp(path.join(tmpdir(), "shop-migrations-"));
  const folder = path.join(root, "subgraphs/order/migrations");
  await mkdir(path.join(folder, "repeatable"), { recursive: true });
  const pg = openPostgres(await stores.databaseUrl("migrations"), { service: "order" });
  const write = (name: string, sql: string) => writeFile(path.join(folder, name), sql);
  for (const [name, sql] of Object.entries(files)) await write(name, sql);
  return {
    write,
    sql: pg.sql,
    remove: (name: string) => rm(path.join(folder, name)),
    migrate: () => migrate(pg.sql, pathToFileURL(folder)),
    async [Symbol.asyncDispose]() {
      await pg[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

test("a numbered file is applied once, in order of name, by however many instances", async () => {
  await using database = await open({
    "002-second.sql": "insert into things values ('two')",
    "001-first.sql": "create table things (name text)",
  });
  await Promise.all([database.migrate(), database.migrate(), database.migrate()]);
  await database.write("003-third.sql", "insert into things values ('three')");
  await database.migrate();
  expect(await database.sql`select name from things`).toEqual([{ name: "two" }, { name: "three" }]);
});

test("an applied file that was edited refuses the start in a sentence, and nothing is applied", async () => {
  await using database = await open({ "001-first.sql": "create table things (name text)" });
  await database.migrate();
  await database.write("001-first.sql", "create table things (name text, size int)");
  await database.write("002-second.sql", "create table others (name text)");
  await expect(database.migrate()).rejects.toThrow(
    "The migration subgraphs/order/migrations/001-first.sql was changed after this database had applied it: restore the " +
      "file and write the change into a new one, or begin afresh by `npm start -- --reset`, which removes all data of this shop.",
  );
  expect(await database.sql`select to_regclass('others') as found`).toEqual([{ found: null }]);
  // Line ends of another system are no edit.
  await database.write("001-first.sql", "create table things (name text)");
  await database.write("002-second.sql", "create table others (\n name text)");
  await database.migrate();
  await database.write("002-second.sql", "create table others (\r\n name text)");
  await database.migrate();
});

test("an applied file that is missing refuses the start in a sentence", async () => {
  await using database = await open({ "001-orders.sql": "create table things (name text)" });
  await database.migrate();
  await database.remove("001-orders.sql");
  await database.write("001-baseline.sql", "create table things (name text)");
  await expect(database.migrate()).rejects.toThrow(
    "The database was made by another release, whose migration subgraphs/order/migrations/001-orders.sql is not in this " +
      "one: run that release, or begin afresh by `npm start -- --reset`, which removes all data of this shop.",
  );
});

test("a database from before the checksums is refused, with the kit's or a file of its own, also under a name that is still there", async () => {
  const old = "create table migrations (name text primary key, applied_at timestamptz default now())";
  await using kit = await open({});
  await kit.sql.unsafe(
    `${old}; insert into migrations (name) values ('kit/000-kit.sql'), ('own/001-orders.sql')`,
  );
  await expect(kit.migrate()).rejects.toThrow("whose migration infra/service/migrations/000-kit.sql is not");
  await using own = await open({ "001-orders.sql": "create table things (name text)" });
  await own.sql.unsafe(`${old}; insert into migrations (name) values ('own/001-orders.sql')`);
  await expect(own.migrate()).rejects.toThrow("001-orders.sql was changed after");
});

test("a repeatable file is applied after the numbered ones, in order of name, and again whenever it was edited", async () => {
  const answer = (what: string) =>
    `create or replace function answer() returns text language sql return ${what}; insert into runs values (${what})`;
  await using database = await open({
    "repeatable/b-view.sql":
      "create or replace view answers as select answer(), (select count(*) from runs) as runs",
    "repeatable/a-answer.sql": answer("'one'"),
    "001-runs.sql": "create table runs (what text)",
  });
  const answers = async () => {
    await database.migrate();
    return (await database.sql`select answer, runs from answers`)[0];
  };
  expect(await answers()).toEqual({ answer: "one", runs: 1 });
  expect(await answers()).toEqual({ answer: "one", runs: 1 });
  await database.write("repeatable/a-answer.sql", answer("'two'"));
  expect(await answers()).toEqual({ answer: "two", runs: 2 });
  await database.write("repeatable/a-answer.sql", answer("'one'"));
  expect(await answers()).toEqual({ answer: "one", runs: 3 });
});

test("a file that fails leaves nothing of itself, and is applied once it is mended", async () => {
  await using database = await open({ "001-first.sql": "create table things (name text); select no_such()" });
  await expect(database.migrate()).rejects.toThrow(
    "the migration subgraphs/order/migrations/001-first.sql failed",
  );
  await database.write("001-first.sql", "create table things (name text)");
  await database.migrate();
  expect(await database.sql`select name from things`).toEqual([]);
});
