import { existsSync } from "node:fs";
import { openPostgres } from "@shop/service";
import { tableDrift, testStores } from "@shop/testkit";
import { serviceNames } from "@shop/values";
import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { migrate } from "../src/postgres/migrate.ts";

const folderOf = (name: string) => new URL(`../../../subgraphs/${name}/`, import.meta.url);
const withDatabase = serviceNames.filter((name) => existsSync(new URL("migrations/", folderOf(name))));

test("each service's tables.ts describes its migrated database: every table, column, type and nullability", async () => {
  await using stores = await testStores();
  const drift: Record<string, string[]> = {};
  for (const name of withDatabase) {
    await using pg = openPostgres(await stores.databaseUrl(name), { service: name });
    const tableNames = async () => {
      const rows = await pg.sql<{ name: string }[]>`
        select tablename as name from pg_tables where schemaname = 'public' order by 1`;
      return rows.map((row) => row.name);
    };
    // A folder without .sql files leaves the kit's tables alone.
    await migrate(pg.sql, new URL("./fixture/", import.meta.url));
    const described = new Set(await tableNames());
    await migrate(pg.sql, new URL("migrations/", folderOf(name)));
    const tables = (await import(new URL("src/tables.ts", folderOf(name)).href)) as Record<string, unknown>;
    for (const table of Object.values(tables)) if (is(table, PgTable)) described.add(getTableName(table));
    const undescribed = (await tableNames()).filter((table) => !described.has(table));
    drift[name] = [
      ...(await tableDrift(pg.sql, tables)),
      ...undescribed.map((table) => `not in tables.ts: ${table}`),
    ];
  }
  expect(drift).toEqual(Object.fromEntries(withDatabase.map((name) => [name, []])));
});
