import { GraphQLError } from "graphql";
import type { Sql, TransactionSql } from "postgres";

/** Thrown on any use of a transaction's handle after the transaction has ended. */
export class TransactionEnded extends Error {
  override readonly name = "TransactionEnded";
  constructor() {
    super(
      "the transaction has ended: its connection was lost, it ran out of time, or it was left without await",
    );
  }
}

/** A transaction's handle, how to close it, and whether its connection is known to be gone. */
type Guarded = { sql: TransactionSql; end: () => void; isLost: () => boolean };

/**
 * A transaction handle that refuses to work once the transaction has ended. Without it, postgres.js runs the later
 * statements of a callback whose backend died outside any transaction (porsager/postgres issues 1208, 1154, 1066).
 */
function guard(raw: TransactionSql): Guarded {
  let hasEnded = false;
  let isLost = false;
  const check = () => {
    if (hasEnded) throw new TransactionEnded();
  };
  // A callback that swallows the error of a lost connection goes on before `begin` has rejected, so each query tells, too.
  const watch = (query: unknown): unknown => {
    if (!isQuery(query)) return query;
    const { reject } = query;
    query.reject = (error) => {
      if (isConnectionLoss(error)) hasEnded = isLost = true;
      reject(error);
    };
    return query;
  };
  const sql = new Proxy(raw, {
    apply(target, self, args: unknown[]) {
      check();
      return watch(Reflect.apply(target, self, args));
    },
    get(target, property, receiver) {
      check();
      // drizzle changes the parsers of the client that it is given; the pool's are set once, in postgres.ts.
      if (property === "options") return { parsers: {}, serializers: {} };
      const value: unknown = Reflect.get(target, property, receiver);
      if (property !== "unsafe" || typeof value !== "function") return value;
      return (...args: unknown[]) => watch(Reflect.apply(value, target, args));
    },
  });
  return { sql, end: () => void (hasEnded = true), isLost: () => isLost };
}

/**
 * `sql.begin` for callbacks that may outlive their connection. postgres.js ends a transaction with a COMMIT or a ROLLBACK
 * when the callback settles, also when the connection was lost, has been opened again meanwhile, and carries someone else's
 * transaction, which would be committed by halves. So a callback whose connection is lost never settles here; that the
 * transaction failed comes from the connection. `onStart` is handed what closes the handle.
 */
export async function beginGuarded<T>(
  sql: Sql<{ bigint: number }>,
  onStart: (end: () => void) => void,
  work: (sql: TransactionSql) => Promise<T>,
): Promise<T> {
  let isOver = false;
  try {
    const { value } = await sql.begin(async (raw) => {
      const guarded = guard(raw);
      onStart(guarded.end);
      const running = work(guarded.sql);
      await Promise.allSettled([running]);
      if (isOver || guarded.isLost()) await new Promise<never>(() => undefined);
      return { value: await running };
    });
    return value;
  } finally {
    isOver = true;
  }
}

/** postgres.js' queries are promises that carry their own `reject`; fragments have one as well and never use it. */
function isQuery(value: unknown): value is { reject: (error: unknown) => void } {
  return value instanceof Promise && "reject" in value && typeof value.reject === "function";
}

/**
 * Whether a store is the reason: it can't be reached, is full, starting, read-only, slow, or somebody holds a lock for long.
 * Trying again is all there is to do, and what was tried is not to blame.
 */
export function isStoreFailure(error: unknown): boolean {
  if (isConnectionLoss(error)) return true;
  if (error instanceof GraphQLError) return error.extensions["code"] === "SERVICE_UNAVAILABLE";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(08|40|53|57|58)...$|^(25006|55P03)$/.test(code);
}

/** Whether the error means that Postgres can't be reached now. */
export function isConnectionLoss(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|57P0|53300)/.test(code) ||
    error instanceof TransactionEnded
  );
}
