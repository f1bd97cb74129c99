import postgres from "postgres";
import type { ShopSql } from "./transaction.ts";

/** Opens a pool; the relay has one of a single connection for its lock. */
export function connect(url: string, options: { service: string; max: number }): ShopSql {
  return postgres(url, connectionOptions(options));
}

/** Statements end after 10 s, waits for a lock after 5 s. */
export function connectionOptions(options: { service: string; max: number; isForTransactions?: boolean }) {
  const { isForTransactions = false } = options;
  return {
    // postgres.js reads the types of arrays behind each log-in, and a connection that is lost meanwhile ends the process.
    fetch_types: !isForTransactions,
    max: options.max,
    idle_timeout: 0,
    connect_timeout: 10,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: {
      application_name: options.service,
      statement_timeout: 10_000,
      lock_timeout: 5_000,
      idle_in_transaction_session_timeout: 20_000,
      default_transaction_read_only: isForTransactions,
    },
  };
}
