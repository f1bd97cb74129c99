import type { ShopSql } from "@shop/service";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";

/** The differences between a `tables.ts` and its migrated database, by column: name, type and nullability. */
export async function tableDrift(sql: ShopSql, tables: Readonly<Record<string, unknown>>): Promise<string[]> {
  const configs = Object.values(tables)
    .filter((table) => is(table, PgTable))
    .map((table) => getTableConfig(table));
  const described = configs.flatMap(({ name, columns }) =>
    columns.map(
      (column) => `${name}.${column.name} ${column.getSQLType()}${column.notNull ? " not null" : ""}`,
    ),
  );
  const rows = await sql<{ line: string }[]>`
    select format('%s.%s %s%s', relname, attname, format_type(atttypid, null), case when attnotnull then ' not null' end)
      as line
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
      and relname = any (${configs.map(({ name }) => name)})`;
  const migrated = rows.map(({ line }) => line);
  return [
    ...described.filter((line) => !migrated.includes(line)).map((line) => `only in tables.ts: ${line}`),
    ...migrated.filter((line) => !described.includes(line)).map((line) => `only in the database: ${line}`),
  ].toSorted();
}
