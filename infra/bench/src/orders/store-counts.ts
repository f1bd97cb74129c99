import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "nats";
import postgres from "postgres";
import type { StartedShop } from "@shop/stack";

/** What the stores have counted so far; the difference of two reads is what happened between. */
export type StoreCounts = {
  statements: number;
  transactions: number;
  fsyncs: number;
  /** Where the WAL ends, in bytes. */
  walEnd: number;
  /** Events in the stream, and deliveries to all consumers, repeated ones included. */
  events: number;
  deliveries: number;
  /** Bytes of all databases of the shop. */
  databaseBytes: number;
};

export type StoreCounter = {
  read(): Promise<StoreCounts>;
  /** Bytes of full-page images in the WAL between two reads. */
  fullPageBytes(from: StoreCounts, to: StoreCounts): Promise<number>;
  /** Statements by how often they ran since `resetStatements`. */
  topStatements(limit: number): Promise<{ calls: number; ms: number; query: string }[]>;
  resetStatements(): Promise<void>;
  close(): Promise<void>;
};

/** Makes Postgres count statements, which needs it to start again once, and opens connections to read the counts. */
export async function countInStores(shop: StartedShop): Promise<StoreCounter> {
  const { stores } = await shop.status();
  const before = postgres(stores.postgres, { max: 1, onnotice: () => undefined });
  await before`alter system set shared_preload_libraries = 'pg_stat_statements'`;
  await before.end();
  await shop.hold("postgres");
  await shop.release("postgres");
  const sql = postgres((await shop.status()).stores.postgres, { max: 1, onnotice: () => undefined });
  await untilReady(shop, sql);
  await sql`create extension if not exists pg_stat_statements`;
  await sql`create extension if not exists pg_walinspect`;
  const { host, username: user, password: pass } = new URL(stores.nats);
  const nc = await connect({ servers: host, user: decodeURIComponent(user), pass: decodeURIComponent(pass) });
  const jsm = await nc.jetstreamManager();

  return {
    async read() {
      const [row] = await sql<Omit<StoreCounts, "events" | "deliveries">[]>`
        select (select sum(calls) from pg_stat_statements where dbid <> (select oid from pg_database where datname = current_database()))::float as statements,
          (select sum(xact_commit) from pg_stat_database where datname not in ('postgres', 'template1'))::float as transactions,
          (select sum(fsyncs) from pg_stat_io where object = 'wal')::float as fsyncs,
          (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float as "walEnd",
          (select sum(pg_database_size(oid)) from pg_database)::float as "databaseBytes"`;
      if (!row) throw new Error("Postgres gave no counts");
      let [events, deliveries] = [0, 0];
      for await (const stream of jsm.streams.list()) {
        events += stream.state.last_seq;
        for await (const consumer of jsm.consumers.list(stream.config.name))
          deliveries += consumer.delivered.consumer_seq;
      }
      return { ...row, events, deliveries };
    },
    async fullPageBytes(from, to) {
      const [row] = await sql<{ bytes: number }[]>`
        select coalesce(sum(fpi_size), 0)::float as bytes
        from pg_get_wal_stats('0/0'::pg_lsn + ${from.walEnd}::numeric, '0/0'::pg_lsn + ${to.walEnd}::numeric, false)`;
      return row?.bytes ?? 0;
    },
    async topStatements(limit) {
      return await sql<{ calls: number; ms: number; query: string }[]>`
        select calls::float, total_exec_time as ms, left(regexp_replace(query, '\\s+', ' ', 'g'), 120) as query
        from pg_stat_statements where dbid <> (select oid from pg_database where datname = current_database())
        order by calls desc limit ${limit}`;
    },
    async resetStatements() {
      await sql`select pg_stat_statements_reset()`;
    },
    async close() {
      await nc.close();
      await sql.end();
    },
  };
}

/** Waits until Postgres and all services are back from the restart. */
async function untilReady(shop: StartedShop, sql: postgres.Sql): Promise<void> {
  const readyz = new URL("/readyz", shop.url);
  for (let tries = 0; ; tries++) {
    const isUp = await sql`select 1`.then(
      async () => (await fetch(readyz)).ok,
      () => false,
    );
    if (isUp) return;
    if (tries > 120) throw new Error("the shop was not ready a minute after Postgres started again");
    await sleep(500);
  }
}
