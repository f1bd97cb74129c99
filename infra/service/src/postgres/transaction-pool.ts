import postgres, { type ReservedSql, type TransactionSql } from "postgres";
import { connectionOptions } from "./connect.ts";
import { withTimeout } from "../runtime/with-timeout.ts";
import { ConnectionLost, guard, type Guarded } from "./guarded-transaction.ts";
import type { ShopSql } from "./transaction.ts";

export type TransactionRun<T> = {
  /** Receives what ends the handle early; called before the first statement. */
  onStart: (end: () => void) => void;
  work: (sql: TransactionSql) => Promise<T>;
  /**
   * Sends the last statement, which travels with the COMMIT; when Postgres refuses it, the transaction is rolled back. Whatever
   * else may fail must be thrown, before the statement is sent: COMMIT follows whether the promise rejects or not.
   */
  finish: (sql: TransactionSql) => Promise<void> | undefined;
  /** Replaces the session's limit of a wait for a lock. */
  lockTimeoutMs?: number | undefined;
};

type Connection = {
  sql: ReservedSql;
  isLost: boolean;
  /** Called when the connection is lost in a transaction. */
  onLost: ((error: Error) => void) | undefined;
  close: () => Promise<void>;
};

/** Longer than postgres.js tries to connect. */
const openWithinMs = 12_000;
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
export function openTransactionPool(
  url: string,
  options: {
    service: string;
    max: number;
    /** The pool for single statements, which knows the types of arrays. */
    sql: ShopSql;
    /** How long a transaction may take before its connection is thrown away. */
    maxRunMs: number;
  },
) {
  const idle: Connection[] = [];
  const waiting: PromiseWithResolvers<Connection>[] = [];
  const all = new Set<Connection>();
  /** Connections that are open or being opened. */
  let count = 0;
  let isClosing = false;

  const take = async (): Promise<Connection> => {
    if (isClosing) throw new ConnectionLost("CONNECTION_ENDED", "the service is stopping");
    for (let one = idle.pop(); one; one = idle.pop()) {
      if (!one.isLost) return one;
      discard(one);
    }
    if (count >= options.max) {
      const turn = Promise.withResolvers<Connection>();
      waiting.push(turn);
      return await turn.promise;
    }
    count++;
    try {
      const opened = await openConnection(url, options);
      all.add(opened);
      if (!isClosing) return opened;
      await opened.close();
      all.delete(opened);
      throw new ConnectionLost("CONNECTION_ENDED", "the service is stopping");
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
    if (isClosing || connection.isLost) {
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
      const handle = guard(connection.sql as unknown as TransactionSql);
      // One promise for each run: a promise that lives as long as the connection would keep every result.
      const { promise: lost, reject } = Promise.withResolvers<never>();
      connection.onLost = (error) => {
        handle.end();
        reject(error);
      };
      const watchdog = setTimeout(() => {
        connection.isLost = true;
        connection.onLost?.(new ConnectionLost("CONNECTION_CLOSED", "a transaction outlived its deadline"));
      }, options.maxRunMs);
      const running = runOn(connection, handle, run);
      // A handler whose connection was lost may wait for ever for its statement.
      running.catch(() => undefined);
      try {
        return await Promise.race([running, lost]);
      } finally {
        clearTimeout(watchdog);
        connection.onLost = undefined;
        giveBack(connection);
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      isClosing = true;
      for (const connection of idle.splice(0)) discard(connection);
      const until = Date.now() + closeWithinMs;
      const isOpen = () => count > 0 && Date.now() < until;
      while (isOpen()) await new Promise((resolve) => setTimeout(resolve, 20));
      await Promise.all([...all].map((connection) => connection.close()));
    },
  };
}

async function runOn<T>(connection: Connection, handle: Guarded, run: TransactionRun<T>): Promise<T> {
  const { sql } = connection;
  run.onStart(handle.end);
  handle.check();
  const limit = run.lockTimeoutMs === undefined ? "" : `; set local lock_timeout = ${run.lockTimeoutMs}`;
  const begun = sql.unsafe(`begin read write${limit}`).execute();
  begun.catch(() => undefined);
  let last: Promise<void> | undefined;
  let value: T;
  try {
    value = await run.work(handle.sql);
    // The deadline may have ended the handle while the last statement of the work was under way.
    handle.check();
    last = run.finish(handle.sql);
  } catch (error) {
    handle.end();
    await rollBack(connection);
    throw causeOf(error, handle);
  }
  handle.end();
  const [begin, finish, commit] = await Promise.allSettled([begun, last, sql.unsafe("commit").execute()]);
  for (const step of [begin, finish, commit])
    if (step.status === "rejected") throw causeOf(step.reason, handle);
  // Postgres rolls back at COMMIT when a statement has failed, also when the caller has caught its error.
  if (commit.status === "fulfilled" && commit.value.command !== "COMMIT") throw handle.failure();
  return value;
}

/** A connection in an unknown state is thrown away. A statement that is sent to a lost one ends the process. */
async function rollBack(connection: Connection): Promise<void> {
  if (connection.isLost) return;
  await connection.sql.unsafe("rollback").catch(() => (connection.isLost = true));
}

/** Postgres refuses each statement behind a failed one: the first error is the reason. */
function causeOf(error: unknown, handle: Guarded): Error {
  const isFollowing = error instanceof postgres.PostgresError && error.code === "25P02";
  return isFollowing ? handle.failure() : (error as Error);
}

async function openConnection(
  url: string,
  { service, sql: others }: { service: string; sql: ShopSql },
): Promise<Connection> {
  let connection: Connection | undefined;
  const sql: ShopSql = postgres(url, {
    ...connectionOptions({ service, max: 1, isForTransactions: true }),
    // Only a connection that no transaction uses may be recycled, and postgres.js would not know.
    max_lifetime: null,
    onclose: () => {
      if (!connection) return;
      connection.isLost = true;
      const message = "the connection to Postgres was lost in a transaction";
      connection.onLost?.(new ConnectionLost("CONNECTION_CLOSED", message));
    },
  });
  try {
    await copyTypes(others, sql);
    // postgres.js reserves a connection only once it is open; one that is lost before leaves the reservation without an answer.
    await sql`select`;
    const held = await withTimeout(sql.reserve(), openWithinMs, () => {
      return new ConnectionLost("CONNECTION_CLOSED", "Postgres gave no connection in time");
    });
    const opened: Connection = {
      sql: held,
      isLost: false,
      onLost: undefined,
      close: async () => {
        if (!opened.isLost) held.release();
        await sql.end({ timeout: 0 });
      },
    };
    connection = opened;
    return opened;
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
}

type Types = { parsers: object; serializers: object; shared: { typeArrayMap: object } };

/** The pool for single statements has read the types of arrays at its first connection; they are the database's. */
async function copyTypes(from: ShopSql, to: ShopSql): Promise<void> {
  await from`select`;
  const [known, own] = [from, to].map(({ options }) => options as unknown as Types) as [Types, Types];
  Object.assign(own.parsers, known.parsers);
  Object.assign(own.serializers, known.serializers);
  Object.assign(own.shared.typeArrayMap, known.shared.typeArrayMap);
}
