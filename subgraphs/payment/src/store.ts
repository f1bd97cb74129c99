import type { Decision } from "@shop/events";
import type { Postgres, Tx } from "@shop/service";
import DataLoader from "dataloader";
import { newPayment, paymentIdOf, type Payment, type PaymentStatus } from "./domain/index.ts";
import { rowOf, stateOf, type Row } from "./row.ts";

export type Store = ReturnType<typeof paymentStore>;

const keepProviderEventsDays = 30;

/** The only door to payment's data. */
export function paymentStore(pg: Postgres) {
  async function find(ids: readonly string[]): Promise<Payment[]> {
    if (ids.length === 0) return [];
    // A list that Postgres can't look into when it plans, so that it does so once, and not each time.
    const rows = await pg.sql<Row[]>`
      select * from payments where id = any((select ${[...ids]}::text[])::text[])`;
    return rows.map(stateOf);
  }

  /** Tasks begin several at once, and so do webhooks. */
  const byId = new DataLoader<string, Payment | undefined>(
    async (ids) => {
      const found = new Map((await find(ids)).map((payment) => [payment.id, payment]));
      return ids.map((id) => found.get(id));
    },
    { cache: false, batchScheduleFn: (run) => setImmediate(run) },
  );

  return {
    find,

    /** As it is now, or as it would begin. */
    async ofOrder(orderId: string): Promise<Payment> {
      return (await byId.load(paymentIdOf(orderId))) ?? newPayment(orderId);
    },

    /**
     * Loads and locks, decides, and writes the row with its events and tasks: all in this transaction. `known`: the
     * payment as it was just read, which saves the loading if it is still that.
     */
    async change(
      tx: Tx,
      orderId: string,
      decide: (state: Payment) => Decision<Payment>,
      known?: Payment,
    ): Promise<Decision<Payment>> {
      for (let before = known; ; before = undefined) {
        before ??= await locked(tx, orderId);
        const decision = decide(before);
        if (decision.outcome === "ignored") return decision;
        // False when another message of the order was first: decide again on what it left.
        if (!(await written(tx, before, decision.state))) continue;
        tx.publish(...decision.events);
        for (const { kind, payload, ...when } of decision.tasks) tx.enqueue(kind, payload, when);
        return decision;
      }
    },

    /** False when this event was here before. */
    async keepProviderEvent({ sql }: Tx, id: string): Promise<boolean> {
      const kept = await sql`
        insert into provider_events (id) values (${id}) on conflict do nothing returning 1`;
      return kept.length > 0;
    },

    async forgetProviderEvents(): Promise<void> {
      await pg.sql`
        delete from provider_events where received_at < now() - ${keepProviderEventsDays} * interval '1 day'`;
    },

    /** Payments that are in one of these states and have not moved for this long. */
    async unsettled(statuses: readonly PaymentStatus[], forSeconds: number, limit = 200): Promise<Payment[]> {
      // The list of all of them is there for the index.
      const rows = await pg.sql<Row[]>`
        select * from payments
        where status in ('AUTHORIZING', 'REQUIRES_ACTION', 'CAPTURING', 'CLOSING', 'VOIDING', 'REFUNDING')
          and status = any(${[...statuses]}) and updated_at < now() - ${forSeconds} * interval '1 second'
        order by updated_at limit ${limit}`;
      return rows.map(stateOf);
    },

    /** Marks our intents at the provider, which may serve other shops under the same key. */
    async shop(): Promise<string> {
      const [row] = await pg.sql<{ shop: string }[]>`select shop from provider`;
      if (!row) throw new Error("the table provider has lost its row");
      return row.shop;
    },

    /** Who gets the row does the sweep; if they die in it, the next one does it from the same second. */
    async claimSweep(everySeconds: number): Promise<{ seenUntil: number } | undefined> {
      const [row] = await pg.sql<{ seenUntil: number }[]>`
        update provider set due_at = now() + ${everySeconds} * interval '1 second' where due_at <= now()
        returning seen_until as "seenUntil"`;
      return row;
    },

    async seen(until: number): Promise<void> {
      await pg.sql`update provider set seen_until = greatest(seen_until, ${until})`;
    },
  };
}

async function locked(tx: Tx, orderId: string): Promise<Payment> {
  const [row] = await tx.sql<Row[]>`select * from payments where id = ${paymentIdOf(orderId)} for update`;
  return row ? stateOf(row) : newPayment(orderId);
}

async function written({ sql }: Tx, before: Payment, state: Payment): Promise<boolean> {
  const row = rowOf(state);
  const done =
    before.version === 0
      ? await sql`insert into payments ${sql(row)} on conflict do nothing returning 1`
      : await sql`
          update payments set ${sql(row)}, updated_at = now()
          where id = ${row.id} and version = ${before.version} returning 1`;
  return done.length > 0;
}
