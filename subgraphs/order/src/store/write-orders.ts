import type { Tx } from "@shop/service";
import { searchWords } from "@shop/values";
import { isExpiring, type Order, type TimelineRow } from "../domain/index.ts";
import type { orderSearch, TimelineEntry } from "../tables.ts";
import { changingColumns, constantColumns } from "./order-rows.ts";

/** A decision: the order as it was read, its next state, and the new rows of its timeline. */
export type OrderChange = { from: Order; to: Order; timeline: TimelineRow[]; at: Date };

export type NewOrder = { order: Order; timeline: TimelineRow[] };

/** A committed order: its state, the new rows of its timeline, and the customer's counter of the last of them. */
export type Written = { order: Order; rows: TimelineEntry[]; customerCounter: number | null };

/**
 * Writes new orders with their timelines in one statement, and answers them as of Postgres' clock, by which they expire:
 * a service's own may be wrong. Undefined for those whose number, or cart's version, is taken.
 */
export async function insertOrders(
  { sql }: Tx,
  orders: readonly NewOrder[],
): Promise<(Written | undefined)[]> {
  const rows = orders.map(({ order, timeline }) => {
    return { ...constantColumns(order), ...changingColumns(order), ...searchColumns(order), timeline };
  });
  const written = await sql<{ id: string; at: Date; counter: number | null }[]>`
    with given as materialized (
      select * from jsonb_to_recordset(${sql.json(rows)}) as x (id text, number text, customer_id text, email text,
        cart_id text, cart_version int, status text, status_reason text, expires_at timestamptz, due_at timestamptz,
        version int, counter int, details jsonb, progress jsonb, created_at timestamptz, words text, timeline jsonb,
        client text, email_key text, is_held_unpaid boolean)
    ), written as (
      insert into orders (id, number, customer_id, email, cart_id, cart_version, status, status_reason, expires_at, due_at,
        version, counter, details, progress, created_at, changed_at, client, email_key, is_held_unpaid)
      select id, number, customer_id, email, cart_id, cart_version, status, status_reason,
        expires_at + (now() - created_at), due_at + (now() - created_at),
        version, counter, details, progress, now(), now(), client, email_key, is_held_unpaid
      from given order by cart_id, cart_version
      on conflict do nothing returning id
    ), findable as (
      insert into order_search (order_id, words) select id, words from given join written using (id)
    )
    select id, now() as at, record_timeline(id, customer_id, timeline, now()) as counter
    from given join written using (id) order by customer_id`;
  const byId = new Map(written.map((row) => [row.id, row]));
  return orders.map(({ order, timeline }) => {
    const row = byId.get(order.id);
    if (!row) return undefined;
    return {
      order: placedAt(order, row.at),
      rows: timeline.map((one) => entryOf(order.id, one, row.at)),
      customerCounter: row.counter,
    };
  });
}

function searchColumns(order: Order): Omit<typeof orderSearch.$inferSelect, "orderId"> {
  const { number, email, address, lines } = order;
  const { name, postalCode, phone } = address;
  const skus = lines.map(({ sku }) => sku);
  return {
    words: searchWords({
      words: [number, email, name, postalCode, ...skus],
      numbers: [postalCode, phone ?? ""],
    }),
  };
}

function placedAt(order: Order, createdAt: Date): Order {
  const moved = (at: Date) => new Date(at.getTime() + createdAt.getTime() - order.createdAt.getTime());
  const { remindAt } = order.progress;
  const progress = { ...order.progress, remindAt: remindAt && moved(remindAt) };
  return {
    ...order,
    createdAt,
    changedAt: createdAt,
    progress,
    ...(isExpiring(order) && { expiresAt: moved(order.expiresAt) }),
  };
}

/** Writes decisions in one statement. Throws when one of the orders has changed since it was read. */
export async function changeOrders({ sql }: Tx, changes: readonly OrderChange[]): Promise<Written[]> {
  const rows = changes.map(({ from, to, timeline, at }) => {
    const { id, customerId, version } = from;
    return { id, customer_id: customerId, from_version: version, ...changingColumns(to), timeline, at };
  });
  const written = await sql<{ id: string; counter: number | null }[]>`
    select changed as id, customer_counter as counter from record_changes(${sql.json(rows)})`;
  const counters = new Map(written.map(({ id, counter }) => [id, counter]));
  return changes.map(({ to, timeline, at }) => ({
    order: { ...to, changedAt: at },
    rows: timeline.map((row) => entryOf(to.id, row, at)),
    customerCounter: counters.get(to.id) ?? null,
  }));
}

/** A row as it is read. */
function entryOf(orderId: string, row: TimelineRow, occurredAt: Date): TimelineEntry {
  const { counter, type, status, message } = row;
  return { orderId, counter, type, status, message, occurredAt };
}
