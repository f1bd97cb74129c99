import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import type { ShopSql } from "./transaction.ts";

/**
 * Opens drizzle on a client, and gives the client its Dates and JSON back: drizzle replaces their parsers and serializers by
 * ones that change nothing. Also for the clients of transactions: JSON would else be stored as a string of JSON.
 */
export function drizzleWithDates(sql: ShopSql): PostgresJsDatabase {
  const db = drizzle(sql as unknown as Sql);
  const { parsers, serializers } = sql.options as unknown as {
    parsers: Record<number, (text: string) => unknown>;
    serializers: Record<number, (value: unknown) => unknown>;
  };
  const timestamptz = 1184;
  parsers[timestamptz] = (text) => new Date(text);
  serializers[timestamptz] = (value) => (value instanceof Date ? value.toISOString() : value);
  for (const json of [114, 3802]) {
    serializers[json] = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  }
  return db;
}
