import { GraphQLError } from "graphql";
import type { TransactionSql } from "postgres";

/** Thrown on any use of a transaction's handle after the transaction has ended. */
export class TransactionEnded extends Error {
  override readonly name = "TransactionEnded";
  constructor() {
    super(
      "the transaction has ended: its connection was lost, it ran out of time, or it was left without await",
    );
  }
}

/** A connection to Postgres that is gone, with the code that postgres.js gives for it. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  readonly code: string;
  constructor(code: "CONNECTION_CLOSED" | "CONNECTION_ENDED", message: string) {
    super(message);
    this.code = code;
  }
}

export type Guarded = {
  sql: TransactionSql;
  /** After it every use of the handle throws TransactionEnded. */
  end: () => void;
  /** Throws TransactionEnded once the handle is ended. */
  check: () => void;
  /** The first error of a statement, for a transaction that Postgres rolled back. */
  failure: () => Error;
};

/**
 * A transaction handle that refuses to work once the transaction has ended. Without it, postgres.js runs the later
 * statements of a callback whose backend died outside any transaction (porsager/postgres issues 1208, 1154, 1066).
 */
export function guard(raw: TransactionSql): Guarded {
  let hasEnded = false;
  let failure: Error | undefined;
  const check = () => {
    if (hasEnded) throw new TransactionEnded();
  };
  // A callback that swallows the error of a lost connection goes on before `begin` has rejected, so each query throws, too.
  const watch = (query: unknown): unknown => {
    if (!isQuery(query)) return query;
    const { reject, handle } = query;
    query.reject = (error) => {
      failure ??= error as Error;
      if (isConnectionLoss(error)) hasEnded = true;
      reject(error);
    };
    // A query is sent when it is first awaited: after the end it would run in the connection's next transaction.
    query.handle = () => {
      if (hasEnded && !query.executed) {
        query.executed = true;
        reject(new TransactionEnded());
      }
      return Reflect.apply(handle, query, []);
    };
    return query;
  };
  const sql = new Proxy(raw, {
    apply(target, self, args: unknown[]) {
      check();
      // postgres.js would blame the statement that is under way, which may be BEGIN, and wait for an answer to this one.
      refuseUndefined(args);
      return watch(Reflect.apply(target, self, args));
    },
    get(target, property, receiver) {
      check();
      // drizzle changes the parsers of the client that it is given; the pool's are set once, by `drizzleWithDates`.
      if (property === "options") return { parsers: {}, serializers: {} };
      const value: unknown = Reflect.get(target, property, receiver);
      if (property !== "unsafe" || typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (Array.isArray(args[1])) refuseUndefined(args[1]);
        return watch(Reflect.apply(value, target, args));
      };
    },
  });
  return {
    sql,
    end: () => void (hasEnded = true),
    check,
    failure: () => failure ?? new Error("the transaction was rolled back"),
  };
}

function refuseUndefined(parameters: readonly unknown[]): void {
  const isMissing = (one: unknown) =>
    one === undefined ||
    (typeof one === "object" && one !== null && "value" in one && one.value === undefined);
  if (parameters.some(isMissing))
    throw new TypeError("expected a value for each parameter of a statement, got undefined");
}

/** Properties of postgres.js' queries besides the promise; `handle` sends one that isn't `executed`. Fragments never use them. */
type Query = { reject: (error: unknown) => void; handle: () => Promise<void>; executed: boolean };

function isQuery(value: unknown): value is Query {
  return (
    value instanceof Promise && "reject" in value && "handle" in value && typeof value.handle === "function"
  );
}

/**
 * Whether a store is the reason of an error: it can't be reached, is full, starting, read-only or slow, or a lock is held for
 * long. The work is not to blame; trying again is all there is to do.
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
