import type { Postgres, Tx } from "./transaction.ts";

/**
 * A one-column table `ids (id)` whose size the planner can't see, so that Postgres keeps one generic plan. Join it
 * laterally, with a lock or a limit, so that Postgres goes row by row: a join that was planned while its tables were empty would
 * read all of them until the next ANALYZE.
 */
export function unnestIds(sql: (Postgres | Tx)["sql"], ids: readonly string[]) {
  return sql`unnest((select ${ids as string[]}::text[])) as ids (id)`;
}
