import type { NewEvent } from "@shop/events";
import { uuidv7 } from "@shop/values";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { drizzleWithDates } from "./drizzle-with-dates.ts";
import postgres, { type Sql } from "postgres";
import { unavailable } from "../runtime/errors.ts";
import { withTimeout } from "../runtime/with-timeout.ts";
import { batchStatements } from "./batch-statements.ts";
import { connect } from "./connect.ts";
import { groupCommit } from "./group-commit.ts";
import { writeOutbox } from "./outbox.ts";
import type { CommitLeft, OutboxRow, PendingTask, Postgres, TaskLeaser, Tx } from "./transaction.ts";
import { openTransactionPool } from "./transaction-pool.ts";

/** So long after its deadline a transaction's connection is thrown away: nothing else would end what hangs in it. */
const graceMs = 10_000;

/**
 * Opens the pools: `max` connections (6 by default) for single statements, and as many for transactions. Statements end after
 * 10 s, waits for a lock after 5 s, transactions as a whole after `deadlineMs` (15 s by default).
 */
export function openPostgres(
  url: string,
  options: { service: string; max?: number; deadlineMs?: number },
): Postgres {
  const { deadlineMs = 15_000 } = options;
  const max = options.max ?? 6;
  const sql = connect(url, { service: options.service, max });
  const transactions = openTransactionPool(url, {
    service: options.service,
    max,
    sql,
    maxRunMs: deadlineMs + graceMs,
  });
  const db = drizzleWithDates(sql);
  const listeners = new Set<(left: CommitLeft) => void>();
  let leaser: TaskLeaser = () => ({ ids: none, settle: () => undefined });

  const transactOnce: Postgres["transact"] = async (work, { handled = [], lockTimeoutMs } = {}) => {
    const events: NewEvent[] = [];
    const tasks = new Map<string, PendingTask>();
    const afterwards: (() => void)[] = [];
    let taken: ReturnType<TaskLeaser> | undefined;
    let written = none;
    let rows: readonly OutboxRow[] = [];
    let isCommitted = false;
    try {
      const result = await withDeadline(deadlineMs, (onStart) =>
        transactions.run({
          onStart,
          lockTimeoutMs,
          work: (guarded) => {
            const tx: Tx = new OpenTransaction(guarded as Tx["sql"], {
              batch: batchStatements(() => tx),
              publish: (...more) => void events.push(...more),
              enqueue(kind, payload, { id = uuidv7(), inSeconds = 0 } = {}) {
                if (!tasks.has(id)) tasks.set(id, { id, kind, payload: payload ?? {}, inSeconds });
              },
              afterCommit: (then) => void afterwards.push(then),
            });
            return work(tx);
          },
          finish(guarded) {
            if (events.length === 0 && tasks.size === 0 && handled.length === 0) return undefined;
            const owed = [...tasks.values()];
            taken = leaser(owed);
            const left = { events, tasks: owed, taken: taken.ids, handled };
            return writeOutbox(guarded as Tx["sql"], left).then(
              (left) => {
                written = left.tasks;
                rows = left.events;
              },
              (error: unknown) => {
                // If the deadline has already rejected this call, nothing else would release the leases taken here.
                taken?.settle(none);
                throw error;
              },
            );
          },
        }),
      );
      isCommitted = true;
      return result;
    } finally {
      taken?.settle(isCommitted ? written : none);
      if (isCommitted) {
        const due = [...tasks.values()].filter(
          ({ id, inSeconds }) => inSeconds === 0 && !taken?.ids.has(id),
        ).length;
        if (rows.length > 0 || due > 0) for (const listen of listeners) listen({ events: rows, tasks: due });
        for (const then of afterwards) then();
      }
    }
  };

  const transact: Postgres["transact"] = async (work, options) => {
    for (let tries = 1; ; tries++) {
      try {
        return await transactOnce(work, options);
      } catch (error) {
        if (!isDeadlock(error) || tries >= maxAttempts) throw error;
      }
    }
  };

  return {
    sql,
    db,
    onCommit: (listener) => listeners.add(listener),
    leaseTasks: (one) => void (leaser = one),
    transact,
    transactGrouped: groupCommit(transact),
    async [Symbol.asyncDispose]() {
      await Promise.all([transactions[Symbol.asyncDispose](), sql.end({ timeout: 5 })]);
    },
  };
}

/** A class, because V8 keeps what an accessor of an object literal sees until it clears the whole heap. */
class OpenTransaction implements Tx {
  readonly sql: Tx["sql"];
  readonly batch: Tx["batch"];
  readonly publish: Tx["publish"];
  readonly enqueue: Tx["enqueue"];
  readonly afterCommit: Tx["afterCommit"];
  private drizzled: PostgresJsDatabase | undefined;

  constructor(
    sql: Tx["sql"],
    { batch, publish, enqueue, afterCommit }: Pick<Tx, "batch" | "publish" | "enqueue" | "afterCommit">,
  ) {
    this.sql = sql;
    this.batch = batch;
    this.publish = publish;
    this.enqueue = enqueue;
    this.afterCommit = afterCommit;
  }

  get db(): PostgresJsDatabase {
    return (this.drizzled ??= drizzle(this.sql as unknown as Sql));
  }
}

const none: ReadonlySet<string> = new Set();

async function withDeadline<T>(
  deadlineMs: number,
  run: (onStart: (end: () => void) => void) => Promise<T>,
): Promise<T> {
  let end = (): void => undefined;
  let isLate = false;
  const late = () => {
    isLate = true;
    return unavailable("The database did not answer in time. Try again, under the same idempotency key.");
  };
  // A call that gets its connection after the deadline has been given up, and must not begin.
  const onStart = (ender: () => void) => (isLate ? ender() : (end = ender));
  try {
    return await withTimeout(run(onStart), deadlineMs, late);
  } finally {
    end();
  }
}

/** How often a transaction that Postgres ended to undo a deadlock is begun. */
const maxAttempts = 3;

function isDeadlock(error: unknown): boolean {
  return error instanceof postgres.PostgresError && (error.code === "40P01" || error.code === "40001");
}
