import type { Decision } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import { newId } from "@shop/values";
import { and, eq, inArray, lt, lte, sql } from "drizzle-orm";
import { newPayment, paymentIdOf, type Payment } from "./domain/index.ts";
import { rowOf, stateOf } from "./row.ts";
import { payments, provider, providerEvents, refunds } from "./tables.ts";

export type Store = ReturnType<typeof paymentStore>;
export type ProviderEvent = { id: string; type: string; intentId: string | null };

const openStatuses = ["AUTHORIZING", "REQUIRES_ACTION", "CAPTURING", "CLOSING", "VOIDING", "REFUNDING"];
const keepProviderEventsDays = 30;

/** The only door to payment's data. */
export function paymentStore(pg: Postgres) {
  async function find(ids: readonly string[]): Promise<Payment[]> {
    if (ids.length === 0) return [];
    return (
      await pg.db
        .select()
        .from(payments)
        .where(inArray(payments.id, [...ids]))
    ).map(stateOf);
  }

  return {
    find,

    /** As it is now, or as it would begin. */
    async ofOrder(orderId: string): Promise<Payment> {
      return (await find([paymentIdOf(orderId)]))[0] ?? newPayment(orderId);
    },

    /** Loads and locks, decides, and writes the row with its events and tasks: all in this transaction. */
    async change(
      tx: Tx,
      orderId: string,
      decide: (state: Payment) => Decision<Payment>,
    ): Promise<Decision<Payment>> {
      const id = paymentIdOf(orderId);
      for (;;) {
        const [row] = await tx.db.select().from(payments).where(eq(payments.id, id)).for("update");
        const before = row ? stateOf(row) : newPayment(orderId);
        const decision = decide(before);
        if (decision.outcome === "ignored") return decision;
        const { state, events, tasks } = decision;
        if (row) {
          await tx.db
            .update(payments)
            .set({ ...rowOf(state), updatedAt: sql`now()` })
            .where(eq(payments.id, id));
        } else {
          const written = await tx.db
            .insert(payments)
            .values(rowOf(state))
            .onConflictDoNothing()
            .returning({ id: payments.id });
          // Another message of the order was first: decide again on what it left.
          if (written.length === 0) continue;
        }
        if (state.refunded > before.refunded) await keepRefund(tx, before, state);
        tx.publish(...events);
        for (const { kind, payload, ...when } of tasks) tx.enqueue(kind, payload, when);
        return decision;
      }
    },

    /** False when this event was here before. */
    async keepProviderEvent(tx: Pick<Tx, "db">, event: ProviderEvent): Promise<boolean> {
      const kept = await tx.db
        .insert(providerEvents)
        .values(event)
        .onConflictDoNothing()
        .returning({ id: providerEvents.id });
      return kept.length > 0;
    },

    async forgetProviderEvents(): Promise<void> {
      const before = sql`now() - ${keepProviderEventsDays} * interval '1 day'`;
      await pg.db.delete(providerEvents).where(lt(providerEvents.receivedAt, before));
    },

    /** Payments that are not at rest and have not moved for this long. */
    async unsettled(forSeconds: number, limit = 200): Promise<Payment[]> {
      const rows = await pg.db
        .select()
        .from(payments)
        .where(
          and(
            inArray(payments.status, openStatuses),
            lt(payments.updatedAt, sql`now() - ${forSeconds} * interval '1 second'`),
          ),
        )
        .orderBy(payments.updatedAt)
        .limit(limit);
      return rows.map(stateOf);
    },

    /** Marks our intents at the provider, which may serve other shops under the same key. */
    async shop(): Promise<string> {
      const [row] = await pg.db.select({ shop: provider.shop }).from(provider);
      if (!row) throw new Error("the table provider has lost its row");
      return row.shop;
    },

    /** Who gets the row does the sweep; if they die in it, the next one does it from the same second. */
    async claimSweep(everySeconds: number): Promise<{ seenUntil: number } | undefined> {
      const [row] = await pg.db
        .update(provider)
        .set({ dueAt: sql`now() + ${everySeconds} * interval '1 second'` })
        .where(lte(provider.dueAt, sql`now()`))
        .returning({ seenUntil: provider.seenUntil });
      return row;
    },

    async seen(until: number): Promise<void> {
      await pg.db.update(provider).set({ seenUntil: sql`greatest(${provider.seenUntil}, ${until})` });
    },
  };
}

async function keepRefund(tx: Tx, before: Payment, state: Payment): Promise<void> {
  await tx.db.insert(refunds).values({
    id: newId("rfd"),
    paymentId: state.id,
    amount: state.refunded - before.refunded,
    currency: state.total?.currency ?? "",
    reason: state.ended ?? "",
  });
}
