import { getTableColumns } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

/** The columns of a table by their properties' names, for `select ${sql.unsafe(columnsOf(table, "sale"))} from … sale`. */
export function columnsOf(table: PgTable, alias: string): string {
  return Object.entries(getTableColumns(table))
    .map(([property, { name }]) => `${alias}.${name} as "${property}"`)
    .join(", ");
}
