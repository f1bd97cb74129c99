import type { Postgres, Tx } from "./postgres.ts";

/**
 * A table `asked (id)` of these ids, into which Postgres can't look when it plans, so that it plans once and not each time.
 * To be joined laterally, with a lock or a limit: row by row, since a join that was planned while its tables were empty would
 * read all of them until the next ANALYZE.
 */
export function asked(sql: (Postgres | Tx)["sql"], ids: readonly string[]) {
  return sql`unnest((select ${ids as string[]}::text[])) as asked (id)`;
}
