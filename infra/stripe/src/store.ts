import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Dispute } from "./dispute.ts";
import type { Intent } from "./payment-intent.ts";
import type { Refund } from "./refund.ts";

export type HttpResponse = { status: number; body: string };
export type IdempotencyRecord = HttpResponse & { fingerprint: string };
export type Delivery = { id: string; eventId: string; body: string; attempts: number };
export type EventQuery = {
  from: number;
  to: number;
  types: string[] | undefined;
  after: string | undefined;
  limit: number;
};
export type Store = ReturnType<typeof openStore>;

const dayMs = 24 * 60 * 60 * 1000;

/** Opens the SQLite file. A commit is on disk before its request is answered: WAL survives a kill -9 at any instruction. */
export function openStore(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(folder, "stripe.sqlite"));
  db.exec(schema);
  db.prepare("DELETE FROM idempotency_keys WHERE at < ?").run(Date.now() - dayMs);
  db.prepare("DELETE FROM events WHERE created < ?").run(Math.floor((Date.now() - 30 * dayMs) / 1000));
  const statements = new Map<string, ReturnType<typeof db.prepare>>();

  function run(sql: string, ...values: SQLInputValue[]) {
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = db.prepare(sql)));
    return statement.all(...values);
  }
  function documents<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return run(sql, ...values).map((row) => JSON.parse(String(row["body"])) as T);
  }

  function save(table: "disputes" | "refunds", object: Dispute | Refund): void {
    const insert = `INSERT INTO ${table} (id, intent, body) VALUES (?, ?, ?)`;
    run(`${insert} ${replacing}`, object.id, object.payment_intent, JSON.stringify(object));
  }

  return {
    /** Runs in one transaction. */
    atomically<T>(work: () => T): T {
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    intent: (id: string) => documents<Intent>("SELECT body FROM intents WHERE id = ?", id)[0],
    saveIntent(intent: Intent) {
      const insert = "INSERT INTO intents (id, created, body) VALUES (?, ?, ?)";
      run(`${insert} ${replacing}`, intent.id, intent.created, JSON.stringify(intent));
    },
    /** Newest first, those after `after` in that order. */
    intents: (from: number, to: number, after: string | undefined, limit: number) =>
      documents<Intent>(
        `SELECT body FROM intents WHERE created BETWEEN ?1 AND ?2
           AND (?3 IS NULL OR (created, seq) < (SELECT created, seq FROM intents WHERE id = ?3))
         ORDER BY created DESC, seq DESC LIMIT ?4`,
        from,
        to,
        after ?? null,
        limit,
      ),
    dispute: (id: string) => documents<Dispute>("SELECT body FROM disputes WHERE id = ?", id)[0],
    saveDispute: (dispute: Dispute) => save("disputes", dispute),
    /** Newest first; of all intents unless one is named. */
    disputesOf: (intent: string | undefined) =>
      documents<Dispute>(
        "SELECT body FROM disputes WHERE ?1 IS NULL OR intent = ?1 ORDER BY seq DESC",
        intent ?? null,
      ),
    addEvent(id: string, type: string, created: number, body: string) {
      run("INSERT INTO events (id, type, created, body) VALUES (?, ?, ?, ?)", id, type, created, body);
    },
    event: (id: string) => documents<object>("SELECT body FROM events WHERE id = ?", id)[0],
    /** Newest first. */
    events({ from, to, types, after, limit }: EventQuery): object[] {
      return documents<object>(
        `SELECT body FROM events WHERE created BETWEEN ?1 AND ?2
           AND (?3 IS NULL OR type IN (SELECT value FROM json_each(?3)))
           AND (?4 IS NULL OR seq < (SELECT seq FROM events WHERE id = ?4))
         ORDER BY seq DESC LIMIT ?5`,
        from,
        to,
        types ? JSON.stringify(types) : null,
        after ?? null,
        limit,
      );
    },
    refund: (id: string) => documents<Refund>("SELECT body FROM refunds WHERE id = ?", id)[0],
    saveRefund: (refund: Refund) => save("refunds", refund),
    refundsOf: (intent: string) =>
      documents<Refund>("SELECT body FROM refunds WHERE intent = ? ORDER BY seq DESC", intent),
    refunds: (after: string | undefined, limit: number) =>
      documents<Refund>(
        `SELECT body FROM refunds WHERE seq < coalesce((SELECT seq FROM refunds WHERE id = ?), 9e15)
          ORDER BY seq DESC LIMIT ?`,
        after ?? "",
        limit,
      ),
    idempotencyRecord(key: string): IdempotencyRecord | undefined {
      const [row] = run("SELECT fingerprint, status, body FROM idempotency_keys WHERE key = ?", key);
      return row as IdempotencyRecord | undefined;
    },
    saveIdempotencyRecord(key: string, fingerprint: string, answer: HttpResponse) {
      const insert =
        "INSERT INTO idempotency_keys (key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?)";
      run(insert, key, fingerprint, answer.status, answer.body, Date.now());
    },
    addDelivery(id: string, eventId: string, body: string, dueAt: number) {
      const insert = "INSERT INTO deliveries (id, event, body, due, attempts) VALUES (?, ?, ?, ?, 0)";
      run(insert, id, eventId, body, Math.round(dueAt));
    },
    dueDeliveries: (now: number, limit: number): Delivery[] =>
      run(
        `SELECT id, event AS eventId, body, attempts FROM deliveries WHERE due <= ? ORDER BY due LIMIT ?`,
        now,
        limit,
      ) as Delivery[],
    /** When the next delivery is due, of those behind the `underWay` that are due first. */
    nextDue(underWay: number): number | undefined {
      const due = run("SELECT due FROM deliveries ORDER BY due LIMIT 1 OFFSET ?", underWay)[0]?.["due"];
      return typeof due === "number" ? due : undefined;
    },
    retryDelivery(id: string, dueAt: number) {
      run("UPDATE deliveries SET due = ?, attempts = attempts + 1 WHERE id = ?", Math.round(dueAt), id);
    },
    removeDelivery(id: string) {
      run("DELETE FROM deliveries WHERE id = ?", id);
    },
    pendingDeliveries: () => Number(run("SELECT count(*) AS n FROM deliveries")[0]?.["n"]),
    [Symbol.dispose]: () => db.close(),
  };
}

const replacing = "ON CONFLICT (id) DO UPDATE SET body = excluded.body";

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  PRAGMA cache_size = -4000;
  CREATE TABLE IF NOT EXISTS intents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS intents_created ON intents (created);
  CREATE TABLE IF NOT EXISTS refunds (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, intent TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS refunds_intent ON refunds (intent);
  CREATE TABLE IF NOT EXISTS disputes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, intent TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS disputes_intent ON disputes (intent);
  CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created INTEGER NOT NULL,
    body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS events_created ON events (created);
  CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, event TEXT NOT NULL, body TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due);
`;
