import type { Decision } from "@shop/events";
import { idsTable, type Postgres, type Tx } from "@shop/service";
import DataLoader from "dataloader";
import { newPayment, paymentIdOf, type Payment, type PaymentStatus } from "../domain/index.ts";
import { rowOf, stateOf, type Row } from "../tables.ts";

/** Up to which of the provider's seconds its intents and its events are accounted for. */
export type Cursors = { seenUntil: number; eventsUntil: number };

export type Store = ReturnType<typeof paymentStore>;

const keepProviderEventsDays = 30;

/** The only door to payment's data. */
export function paymentStore(pg: Postgres) {
  async function find(ids: readonly string[]): Promise<Payment[]> {
    if (ids.length === 0) return [];
    const rows = await pg.sql<Row[]>`
      select found.* from ${idsTable(pg.sql, ids)}
      cross join lateral (select * from payments where payments.id = ids.id limit 1) as found`;
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
        before ??= await tx.batch(lock, orderId);
        const decision = decide(before);
        if (decision.outcome === "ignored") return decision;
        // False when another message of the order was first: decide again on what it left.
        if (!(await tx.batch(write, { before, state: decision.state }))) continue;
        tx.publish(...decision.events);
        for (const { kind, payload, ...when } of decision.tasks) tx.enqueue(kind, payload, when);
        return decision;
      }
    },

    /** The payment that this intent is of now; undefined for strays and others'. */
    async ofIntent(intentId: string): Promise<Payment | undefined> {
      const [row] = await pg.sql<Row[]>`select * from payments where intent_id = ${intentId}`;
      return row && stateOf(row);
    },

    /** Those of these provider's events that were here before. */
    async knownEvents(ids: readonly string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const rows = await pg.sql<{ id: string }[]>`
        select provider_events.id from ${idsTable(pg.sql, ids)} join provider_events on provider_events.id = ids.id`;
      return new Set(rows.map(({ id }) => id));
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
    async claimSweep(everySeconds: number): Promise<Cursors | undefined> {
      const [row] = await pg.sql<Cursors[]>`
        update provider set due_at = now() + ${everySeconds} * interval '1 second' where due_at <= now()
        returning seen_until as "seenUntil", events_until as "eventsUntil"`;
      return row;
    },

    async heardUntil(until: number): Promise<void> {
      await pg.sql`update provider set events_until = greatest(events_until, ${until})`;
    },

    async seen(until: number): Promise<void> {
      await pg.sql`update provider set seen_until = greatest(seen_until, ${until})`;
    },
  };
}

async function lock({ sql }: Tx, orderIds: readonly string[]): Promise<Payment[]> {
  const rows = await sql<Row[]>`
    select locked.* from ${idsTable(sql, orderIds.map(paymentIdOf).toSorted())}
    cross join lateral (select * from payments where payments.id = ids.id for update) as locked`;
  const byOrder = new Map(rows.map((row) => [row.order_id, stateOf(row)]));
  return orderIds.map((orderId) => byOrder.get(orderId) ?? newPayment(orderId));
}

/** False for those that are not as they were `before` any more. */
async function write(
  { sql }: Tx,
  changes: readonly { before: Payment; state: Payment }[],
): Promise<boolean[]> {
  const rows = changes.map(({ before, state }) => ({ ...rowOf(state), known_version: before.version }));
  const written = await sql<{ id: string }[]>`
    with changes as materialized (
      select * from jsonb_to_recordset(${sql.json(rows)}) as change (
        id text, order_id text, version int, status text, amount bigint, currency text, is_reserved boolean, ended text,
        attempt int, token text, next_attempt int, next_token text, intent_id text, past_intents text[],
        client_secret text, failure_reason text, failure_code text, dispute jsonb, refunded bigint, cause text, known_version int)
    )
    insert into payments (id, order_id, version, status, amount, currency, is_reserved, ended, attempt, token, next_attempt,
      next_token, intent_id, past_intents, client_secret, failure_reason, failure_code, dispute, refunded, cause)
    select id, order_id, version, status, amount, currency, is_reserved, ended, attempt, token, next_attempt,
      next_token, intent_id, past_intents, client_secret, failure_reason, failure_code, dispute, refunded, cause
    from changes order by id
    on conflict (id) do update set
      version = excluded.version, status = excluded.status, amount = excluded.amount, currency = excluded.currency,
      is_reserved = excluded.is_reserved, ended = excluded.ended, attempt = excluded.attempt, token = excluded.token,
      next_attempt = excluded.next_attempt, next_token = excluded.next_token, intent_id = excluded.intent_id,
      past_intents = excluded.past_intents, client_secret = excluded.client_secret,
      failure_reason = excluded.failure_reason, failure_code = excluded.failure_code, dispute = excluded.dispute,
      refunded = excluded.refunded, cause = excluded.cause, updated_at = now()
    where payments.version = (select known_version from changes where changes.id = payments.id)
    returning id`;
  const ids = new Set(written.map(({ id }) => id));
  return changes.map(({ state }) => ids.has(state.id));
}
