import type { Decision } from "@shop/events";
import { unnestIds, type Postgres, type Tx } from "@shop/service";
import DataLoader from "dataloader";
import { getTableColumns } from "drizzle-orm";
import { LRUCache } from "lru-cache";
import { newPayment, paymentIdOf, type Payment, type PaymentStatus } from "../domain/index.ts";
import { payments } from "../tables.ts";

type Row = Omit<typeof payments.$inferSelect, "createdAt" | "updatedAt">;

const { createdAt: _, updatedAt: __, ...columnsOfState } = getTableColumns(payments);
const columns = Object.entries(columnsOfState).map(([key, column]) => {
  return { key: `"${key}"`, name: column.name, type: column.getSQLType() };
});
const selected = columns.map(({ key, name }) => `payments.${name} as ${key}`).join(", ");

/** Reads and writes payments. */
export function paymentRows(pg: Postgres) {
  async function find(ids: readonly string[]): Promise<Payment[]> {
    if (ids.length === 0) return [];
    const rows = await pg.sql<Row[]>`
      select ${pg.sql.unsafe(selected)} from ${unnestIds(pg.sql, ids)}
      cross join lateral (select * from payments where payments.id = ids.id limit 1) as payments`;
    return rows.map(stateOf);
  }

  /** Tasks and webhooks begin several at once: their reads are batched. */
  const byId = new DataLoader<string, Payment | undefined>(
    async (ids) => {
      const found = new Map((await find(ids)).map((payment) => [payment.id, payment]));
      return ids.map((id) => found.get(id));
    },
    { cache: false, batchScheduleFn: (run) => setImmediate(run) },
  );

  /** Intents that this process has seen captured within the last minute. */
  const captured = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });

  return {
    find,

    /**
     * Whether this process has just committed this intent's capture: what the provider then reports of how the intent moved
     * on is no news, since a captured payment changes by refunds and disputes alone.
     */
    wasCaptured: (intentId: string): boolean => captured.has(intentId),

    /** The order's payment as it is now, or as it would begin. */
    async ofOrder(orderId: string): Promise<Payment> {
      return (await byId.load(paymentIdOf(orderId))) ?? newPayment(orderId);
    },

    /**
     * Changes a payment by a pure rule, within this transaction: loads and locks the row, decides, writes the row with its
     * events and tasks. `known` is the payment as it was just read: it saves the load while its version still stands.
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
        // False when another message of the order committed first: the rule decides again on that state.
        if (!(await tx.batch(write, { before, state: decision.state }))) continue;
        tx.publish(...decision.events);
        for (const { kind, payload, ...when } of decision.tasks) tx.enqueue(kind, payload, when);
        const { intentId, status } = decision.state;
        if (status === "CAPTURED" && intentId !== null) tx.afterCommit(() => captured.set(intentId, true));
        return decision;
      }
    },

    /** The payment whose current intent this is; undefined for strays and for intents of other shops. */
    async ofIntent(intentId: string): Promise<Payment | undefined> {
      const [row] = await pg.sql<Row[]>`
        select ${pg.sql.unsafe(selected)} from payments where intent_id = ${intentId}`;
      return row && stateOf(row);
    },

    /** Payments in one of these states that have not changed for so long, the longest first. */
    async unsettled(statuses: readonly PaymentStatus[], forSeconds: number, limit = 200): Promise<Payment[]> {
      // The condition with all of the states is the partial index's.
      const rows = await pg.sql<Row[]>`
        select ${pg.sql.unsafe(selected)} from payments
        where status in ('AUTHORIZING', 'REQUIRES_ACTION', 'CAPTURING', 'CLOSING', 'VOIDING', 'REFUNDING')
          and status = any(${[...statuses]}) and updated_at < now() - ${forSeconds} * interval '1 second'
        order by updated_at limit ${limit}`;
      return rows.map(stateOf);
    },
  };
}

async function lock({ sql }: Tx, orderIds: readonly string[]): Promise<Payment[]> {
  const rows = await sql<Row[]>`
    select ${sql.unsafe(selected)} from ${unnestIds(sql, orderIds.map(paymentIdOf).toSorted())}
    cross join lateral (select * from payments where payments.id = ids.id for update) as payments`;
  const byOrder = new Map(rows.map((row) => [row.orderId, stateOf(row)]));
  return orderIds.map((orderId) => byOrder.get(orderId) ?? newPayment(orderId));
}

const ofRecordset = columns.map(({ key, type }) => `${key} ${type}`).join(", ");
const names = columns.map(({ name }) => name).join(", ");
const keys = columns.map(({ key }) => key).join(", ");
const replaced = columns
  .filter(({ name }) => name !== "id" && name !== "order_id")
  .map(({ name }) => `${name} = excluded.${name}`)
  .join(", ");

/** Writes payments; false for those whose row has another version than `before`. */
async function write(
  { sql }: Tx,
  changes: readonly { before: Payment; state: Payment }[],
): Promise<boolean[]> {
  const rows = changes.map(({ before, state }) => ({ ...rowOf(state), knownVersion: before.version }));
  const written = await sql<{ id: string }[]>`
    with changes as materialized (
      select * from jsonb_to_recordset(${sql.json(rows)}) as change (${sql.unsafe(ofRecordset)}, "knownVersion" int)
    )
    insert into payments (${sql.unsafe(names)}) select ${sql.unsafe(keys)} from changes order by id
    on conflict (id) do update set ${sql.unsafe(replaced)}, updated_at = now()
    where payments.version = (select "knownVersion" from changes where changes.id = payments.id)
    returning id`;
  const ids = new Set(written.map(({ id }) => id));
  return changes.map(({ state }) => ids.has(state.id));
}

function rowOf({ total, next, ...state }: Payment): Row {
  return {
    ...state,
    amount: total?.amount ?? null,
    currency: total?.currency ?? null,
    nextAttempt: next?.attempt ?? null,
    nextToken: next?.token ?? null,
  };
}

function stateOf({ amount, currency, nextAttempt, nextToken, ...row }: Row): Payment {
  return {
    ...row,
    total: amount === null || currency === null ? null : { amount, currency },
    next: nextAttempt === null || nextToken === null ? null : { attempt: nextAttempt, token: nextToken },
  };
}
