import { unnestIds, type Postgres, type Tx } from "@shop/service";
import type { Money } from "@shop/values";
import type { parkedIntents } from "../tables.ts";

type Row = Omit<typeof parkedIntents.$inferSelect, "triedAt" | "resolvedAt">;
/** A capture at the provider that no payment owns, for staff to see to. */
type ParkedIntent = Omit<Row, "amount" | "currency"> & { received: Money | null };

/** Reads and writes parked intents: written where an intent is settled, read by staff. */
export function parkedIntentRows(pg: Postgres) {
  return {
    /** Parks an intent, or resolves it where nothing is left to do; true when it was not open before and is now. */
    async park(
      tx: Tx,
      { intentId, orderId, received, reason }: Omit<ParkedIntent, "foundAt">,
      isResolved: boolean,
    ): Promise<boolean> {
      const before = await tx.sql`
        select 1 from parked_intents where intent_id = ${intentId} and resolved_at is null for update`;
      await tx.sql`
        insert into parked_intents (intent_id, order_id, amount, currency, reason, resolved_at)
        values (${intentId}, ${orderId}, ${received?.amount ?? null}, ${received?.currency ?? null}, ${reason},
          ${isResolved ? tx.sql`now()` : null})
        on conflict (intent_id) do update set reason = excluded.reason, tried_at = now(), resolved_at = excluded.resolved_at`;
      return before.length === 0 && !isResolved;
    },

    /** Resolves an intent that has become an order's payment. */
    async resolve(tx: Tx, intentId: string): Promise<void> {
      await tx.sql`
        update parked_intents set resolved_at = now() where intent_id = ${intentId} and resolved_at is null`;
    },

    /** Those of these intents that were ever parked, open or resolved. */
    async known(intentIds: readonly string[]): Promise<Set<string>> {
      if (intentIds.length === 0) return new Set();
      const rows = await pg.sql<{ id: string }[]>`
        select intent_id as id from ${unnestIds(pg.sql, intentIds)} join parked_intents on intent_id = ids.id`;
      return new Set(rows.map(({ id }) => id));
    },

    /** Claims open ones that were not tried for so long, to be tried now. */
    async claim(forSeconds: number, limit = 20): Promise<{ intentId: string; orderId: string }[]> {
      return pg.sql<{ intentId: string; orderId: string }[]>`
        update parked_intents set tried_at = now() where intent_id in (
          select intent_id from parked_intents
          where resolved_at is null and tried_at < now() - ${forSeconds} * interval '1 second'
          order by tried_at limit ${limit} for update skip locked
        ) returning intent_id as "intentId", order_id as "orderId"`;
    },

    /** All open ones, the oldest first. */
    async list(limit = 1000): Promise<ParkedIntent[]> {
      const rows = await pg.sql<Row[]>`
        select intent_id as "intentId", order_id as "orderId", amount, currency, reason, found_at as "foundAt"
        from parked_intents where resolved_at is null order by found_at, intent_id limit ${limit}`;
      return rows.map(({ amount, currency, ...row }) => ({
        ...row,
        received: amount === null || currency === null ? null : { amount, currency },
      }));
    },
  };
}
