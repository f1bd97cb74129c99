import { idsTable, type Postgres, type Tx } from "@shop/service";
import type { Money } from "@shop/values";
import type { ParkReason } from "../domain/index.ts";

/** A capture at the provider that nothing owns, and that a person has to see to. */
export type ParkedIntent = {
  intentId: string;
  orderId: string;
  received: Money | null;
  reason: ParkReason;
  foundAt: Date;
};

type Row = {
  intent_id: string;
  order_id: string;
  amount: number | null;
  currency: string | null;
  reason: ParkReason;
  found_at: Date;
};

/** The parked intents: written by whoever settles, read by staff. */
export function parkedIntents({ sql }: Pick<Postgres, "sql">) {
  return {
    /** True when it was not among the open ones before. `isResolved`: there is nothing to do about it. */
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
        on conflict (intent_id) do update set reason = excluded.reason, looked_at = now(), resolved_at = excluded.resolved_at`;
      return before.length === 0 && !isResolved;
    },

    /** It has found its payment. */
    async resolve(tx: Tx, intentId: string): Promise<void> {
      await tx.sql`
        update parked_intents set resolved_at = now() where intent_id = ${intentId} and resolved_at is null`;
    },

    /** Those of these that are known, whether they are open or not. */
    async known(intentIds: readonly string[]): Promise<Set<string>> {
      if (intentIds.length === 0) return new Set();
      const rows = await sql<{ id: string }[]>`
        select parked_intents.intent_id as id from ${idsTable(sql, intentIds)} join parked_intents on intent_id = ids.id`;
      return new Set(rows.map(({ id }) => id));
    },

    /** Takes open ones that were not tried for so long, to be tried now. */
    async take(forSeconds: number, limit = 20): Promise<{ intentId: string; orderId: string }[]> {
      return sql<{ intentId: string; orderId: string }[]>`
        update parked_intents set looked_at = now() where intent_id in (
          select intent_id from parked_intents
          where resolved_at is null and looked_at < now() - ${forSeconds} * interval '1 second'
          order by looked_at limit ${limit} for update skip locked
        ) returning intent_id as "intentId", order_id as "orderId"`;
    },

    /** All open ones, the oldest first. */
    async list(limit = 1000): Promise<ParkedIntent[]> {
      const rows = await sql<Row[]>`
        select * from parked_intents where resolved_at is null order by found_at, intent_id limit ${limit}`;
      return rows.map(
        ({ intent_id: intentId, order_id: orderId, amount, currency, reason, found_at: foundAt }) => ({
          ...{ intentId, orderId, reason, foundAt },
          received: amount === null || currency === null ? null : { amount, currency },
        }),
      );
    },
  };
}

export type ParkedIntents = ReturnType<typeof parkedIntents>;
