import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import type { ShopSql } from "./transaction.ts";

/**
 * drizzle makes dates and JSON "transparent" on the client it gets; raw SQL shall have Dates and JSON as well. Every client
 * that drizzle works on needs it, those of transactions too: JSON would else be stored as a string of JSON.
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
