import postgres, { type ReservedSql, type TransactionSql } from "postgres";
import { connectionOptions } from "./connect.ts";
import { drizzleWithDates } from "./drizzle-with-dates.ts";
import { ConnectionLost, guard } from "./guarded-transaction.ts";
import type { ShopSql } from "./transaction.ts";

export type TransactionRun<T> = {
  /** Receives what ends the handle early; called before the first statement. */
  onStart: (end: () => void) => void;
  work: (sql: TransactionSql) => Promise<T>;
  /** Sends the last statement, which travels with the COMMIT; when it fails, the transaction is rolled back. */
  finish: (sql: TransactionSql) => Promise<void> | undefined;
  /** Replaces the session's limit of a wait for a lock. */
  lockTimeoutMs?: number | undefined;
};

type Connection = {
  sql: ReservedSql;
  lost: Promise<never>;
  isLost: () => boolean;
  close: () => Promise<void>;
};

/** How long a stop waits for open transactions. */
const closeWithinMs = 5_000;

/**
 * Connections for transactions alone, at most `max`, opened when needed. BEGIN travels with the first statement and COMMIT
 * with the last, which saves two of a short transaction's round trips. postgres.js can't do that by `sql.begin`; so each
 * connection is a pool of one, reserved for good, and is thrown away once it is lost.
 *
 * Hazard: the first statement is on its way before Postgres has answered BEGIN. If BEGIN failed, it would run by itself and
 * be committed; so the session is read-only outside transactions, and Postgres refuses it.
 */
export function openTransactionPool(url: string, options: { service: string; max: number }) {
  const idle: Connection[] = [];
  const waiting: PromiseWithResolvers<Connection>[] = [];
  const all = new Set<Connection>();
  /** Connections that are open or being opened. */
  let count = 0;
  let isClosing = false;

  const take = async (): Promise<Connection> => {
    if (isClosing) throw new ConnectionLost("CONNECTION_ENDED", "the service is stopping");
    for (let one = idle.pop(); one; one = idle.pop()) {
      if (!one.isLost()) return one;
      discard(one);
    }
    if (count >= options.max) {
      const turn = Promise.withResolvers<Connection>();
      waiting.push(turn);
      return await turn.promise;
    }
    count++;
    try {
      const opened = await openConnection(url, options.service);
      all.add(opened);
      return opened;
    } catch (error) {
      count--;
      serveNext();
      throw error;
    }
  };

  const discard = (connection: Connection): void => {
    count--;
    all.delete(connection);
    void connection.close();
  };

  const serveNext = (): void => {
    const next = waiting.shift();
    if (next) void take().then(next.resolve, next.reject);
  };

  const giveBack = (connection: Connection): void => {
    if (isClosing || connection.isLost()) {
      discard(connection);
      return serveNext();
    }
    const next = waiting.shift();
    if (next) next.resolve(connection);
    else idle.push(connection);
  };

  return {
    /** Runs `work` in a transaction (READ COMMITTED) and commits; whatever is thrown rolls it back. */
    async run<T>(run: TransactionRun<T>): Promise<T> {
      const connection = await take();
      const running = runOn(connection.sql, run);
      // A handler whose connection was lost may wait for ever for its statement.
      running.catch(() => undefined);
      return await Promise.race([running, connection.lost]).finally(() => giveBack(connection));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      isClosing = true;
      for (const connection of idle.splice(0)) discard(connection);
      const until = Date.now() + closeWithinMs;
      while (all.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      await Promise.all([...all].map((connection) => connection.close()));
    },
  };
}

async function runOn<T>(raw: ReservedSql, run: TransactionRun<T>): Promise<T> {
  const handle = guard(raw as unknown as TransactionSql);
  run.onStart(handle.end);
  handle.check();
  const limit = run.lockTimeoutMs === undefined ? "" : `; set local lock_timeout = ${run.lockTimeoutMs}`;
  const begun = raw.unsafe(`begin read write${limit}`).execute();
  begun.catch(() => undefined);
  let last: Promise<void> | undefined;
  let value: T;
  try {
    value = await run.work(handle.sql);
    last = run.finish(handle.sql);
  } catch (error) {
    handle.end();
    await raw.unsafe("rollback");
    throw error;
  }
  handle.end();
  const [begin, finish, commit] = await Promise.allSettled([begun, last, raw.unsafe("commit").execute()]);
  for (const step of [begin, finish, commit]) if (step.status === "rejected") throw step.reason;
  // Postgres rolls back at COMMIT when a statement has failed, also when the caller has caught its error.
  if (commit.status === "fulfilled" && commit.value.command !== "COMMIT") throw handle.failure();
  return value;
}

async function openConnection(url: string, service: string): Promise<Connection> {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => undefined);
  let isLost = false;
  const sql: ShopSql = postgres(url, {
    ...connectionOptions({ service, max: 1, isReadOnlyByDefault: true }),
    max_lifetime: null,
    onclose: () => {
      isLost = true;
      reject(new ConnectionLost("CONNECTION_CLOSED", "the connection to Postgres was lost in a transaction"));
    },
  });
  drizzleWithDates(sql);
  try {
    const held = await sql.reserve();
    return {
      sql: held,
      lost,
      isLost: () => isLost,
      close: async () => {
        if (!isLost) held.release();
        await sql.end({ timeout: 0 });
      },
    };
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
}
