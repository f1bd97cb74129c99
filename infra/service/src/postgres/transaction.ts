import type { NewEvent, ShopEvent } from "@shop/events";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Sql, TransactionSql } from "postgres";

/** The pool with int8 as number. */
export type ShopSql = Sql<{ bigint: number }>;

/** An open transaction. Every call throws TransactionEnded once it is over. */
export type Tx = {
  sql: TransactionSql<{ bigint: number }>;
  /** Drizzle on the same transaction. */
  readonly db: PostgresJsDatabase;
  /**
   * Runs a batch function for this item, in one statement with the items that other members of the group commit give it at
   * the same time. A failure is the failure of all of them.
   */
  batch<Item, Answer>(act: BatchFunction<Item, Answer>, item: Item): Promise<Answer>;
  /** Publishes events if and when this commits; the outbox rows are written last, in one statement with the tasks. */
  publish(...events: NewEvent[]): void;
  /** Enqueues a task (an outside call or a timer) for after the commit; the same id is taken once only. */
  enqueue(kind: string, payload: unknown, when?: { id?: string; inSeconds?: number }): void;
  /** Runs once this has committed, never when it is rolled back; must not throw. For broadcasts: a crash loses it. */
  afterCommit(then: () => void): void;
};

/** A service's own database. */
export type Postgres = {
  sql: ShopSql;
  db: PostgresJsDatabase;
  /**
   * Runs in one transaction (READ COMMITTED) and commits, with its events and tasks. Gives up after 15 s with
   * SERVICE_UNAVAILABLE; it may have been committed in that last moment. Whatever is thrown rolls everything back. With
   * `handled`, events, throws DuplicateEvent when one of them has had its effect before. A deadlock is tried again, so
   * `work` may run more than once.
   */
  transact<T>(
    work: (tx: Tx) => Promise<T>,
    options?: { handled?: readonly HandledEvent[]; lockTimeoutMs?: number },
  ): Promise<T>;
  /**
   * The same for what comes often: may share its transaction with others of its kind, see `group-commit.ts`. `work` may run
   * twice, so it must leave nothing behind but through `tx`; the first run may even have been committed, when COMMIT's answer
   * was lost, so it must find its own effect there and leave it at that.
   */
  transactGrouped<T>(
    kind: string,
    work: (tx: Tx) => Promise<T>,
    options?: { handled?: readonly HandledEvent[] },
  ): Promise<T>;
  /** Called after each commit that left events, or due tasks without a lease, with how many. */
  onCommit(listener: (left: CommitLeft) => void): void;
  /** Sets who leases this service's tasks; called before each commit that leaves some. */
  leaseTasks(leaser: TaskLeaser): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Chooses the tasks that this process leases at commit. `settle` must be called once with the ids that were inserted. */
export type TaskLeaser = (tasks: readonly PendingTask[]) => {
  ids: ReadonlySet<string>;
  settle: (written: ReadonlySet<string>) => void;
};

/** The rest that a commit left: the rows of its events, and the number of due tasks without a lease. */
export type CommitLeft = { events: readonly OutboxRow[]; tasks: number };

/** A committed event as it lies in the outbox, under its number there. */
export type OutboxRow = { no: number; event_id: string; chain: string; subject: string; body: string };

/** Runs a statement for several items, and answers for each of them, in their order. */
export type BatchFunction<Item, Answer> = (tx: Tx, items: readonly Item[]) => Promise<readonly Answer[]>;

/** A task as it is written. */
export type PendingTask = { id: string; kind: string; payload: unknown; inSeconds: number };

/** A handled event, by its id and its producer: two services may choose the same id. */
export type HandledEvent = Pick<ShopEvent, "id" | "producer">;
