import postgres from "postgres";
import type { StartedShop } from "@shop/stack";

/** What a table holds: its rows, the bytes of table and TOAST, how many of them are free for later rows, and the bytes of its indexes. */
export type Kept = { rows: number; tableBytes: number; freeBytes: number; indexBytes: number };

/** The tables of all services' databases, by `database.table`, after a vacuum has freed the room of dead rows. */
export async function readKept(shop: StartedShop): Promise<Map<string, Kept>> {
  const { stores } = await shop.status();
  const kept = new Map<string, Kept>();
  for (const database of await databasesOf(stores.postgres)) {
    const url = new URL(stores.postgres);
    url.pathname = `/${database}`;
    const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
    try {
      await sql`create extension if not exists pg_freespacemap`;
      await sql`vacuum analyze`;
      const relations = await sql<(Kept & { name: string })[]>`
        select relname as name, pg_table_size(oid)::float as "tableBytes", pg_indexes_size(oid)::float as "indexBytes",
          (select coalesce(sum(avail), 0) from pg_freespace(oid))::float as "freeBytes", reltuples::float as rows
        from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`;
      for (const { name, ...one } of relations) kept.set(`${database.replace(/^shop_/, "")}.${name}`, one);
    } finally {
      await sql.end();
    }
  }
  return kept;
}

/** What each of so many orders has added to a table. */
export type Grown = Kept & { name: string };

/** How the tables grew between two readings, per order; the largest growth first. */
export function grownBy(before: Map<string, Kept>, after: Map<string, Kept>, orders: number): Grown[] {
  const grown = [...after].map(([name, now]) => {
    const was = before.get(name);
    const each = (column: keyof Kept) => (now[column] - (was?.[column] ?? 0)) / Math.max(1, orders);
    return {
      name,
      rows: each("rows"),
      tableBytes: each("tableBytes"),
      freeBytes: each("freeBytes"),
      indexBytes: each("indexBytes"),
    };
  });
  return grown.sort((one, other) => sizeOf(other) - sizeOf(one));
}

export function sizeOf({ tableBytes, indexBytes }: Kept): number {
  return tableBytes + indexBytes;
}

/** The growth of all tables in one sentence. */
export function inAll(grown: readonly Grown[], orders: number): string {
  const total = grown.reduce((sum, one) => sum + sizeOf(one), 0);
  const free = grown.reduce((sum, one) => sum + one.freeBytes, 0);
  return `Kept by each of ${orders} orders: ${total.toFixed(0)} bytes on disk, of which ${free.toFixed(0)} are free for later rows.`;
}

async function databasesOf(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1 });
  try {
    const rows = await sql<{ name: string }[]>`
      select datname as name from pg_database where starts_with(datname, 'shop_') order by datname`;
    return rows.map(({ name }) => name);
  } finally {
    await sql.end();
  }
}
