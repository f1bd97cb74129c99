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

/**
 * A transaction handle that refuses to work once the transaction has ended. Without it, postgres.js runs the later
 * statements of a callback whose backend died outside any transaction (porsager/postgres issues 1208, 1154, 1066).
 */
export function guard(raw: TransactionSql): { sql: TransactionSql; end: () => void } {
  let hasEnded = false;
  const check = () => {
    if (hasEnded) throw new TransactionEnded();
  };
  const sql = new Proxy(raw, {
    apply(target, self, args: unknown[]) {
      check();
      return Reflect.apply(target, self, args) as unknown;
    },
    get(target, property, receiver) {
      check();
      // drizzle changes the parsers of the client that it is given; the pool's are set once, in postgres.ts.
      if (property === "options") return { parsers: {}, serializers: {} };
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
  return { sql, end: () => (hasEnded = true) };
}

/** Whether the error means that Postgres can't be reached now, so that trying again is all there is to do. */
export function isConnectionLoss(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|57P0|53300)/.test(code) ||
    error instanceof TransactionEnded
  );
}
