import type { Tx } from "@shop/service";
import type { Order, TimelineRow } from "./domain/index.ts";
import { changingColumns, lastingColumns } from "./rows.ts";

type Sql = Tx["sql"];

/** Writes a new order with its timeline in one statement. False when its number or its cart's version is taken. */
export async function insertOrder(sql: Sql, order: Order, timeline: TimelineRow[]): Promise<boolean> {
  const { bought, ...lasting } = lastingColumns(order);
  const { progress, ...changing } = changingColumns(order);
  const row = { ...lasting, ...changing, bought: sql.json(bought), progress: sql.json(progress) };
  const words = `${order.number} ${order.email} ${order.address.name}`.toLowerCase();
  const written = await sql`
    with written as (
      insert into orders ${sql(row)} on conflict do nothing returning id, customer_id
    ), findable as (
      insert into order_search (order_id, words) select id, ${words} from written
    ), ${withTimeline(sql, timeline, order.createdAt)}`;
  return written.length > 0;
}

/** Writes a decision in one statement, provided that nothing has changed the order since it was read. */
export async function updateOrder(
  sql: Sql,
  change: { from: Order; to: Order; timeline: TimelineRow[]; at: Date },
): Promise<void> {
  const { from, to, timeline, at } = change;
  const { progress, ...changing } = changingColumns(to);
  const row = { ...changing, progress: sql.json(progress) };
  const written = await sql`
    with written as (
      update orders set ${sql(row)} where id = ${from.id} and version = ${from.version} returning id, customer_id
    ), ${withTimeline(sql, timeline, at)}`;
  if (written.length === 0) throw new Error(`order ${from.id} changed while its row was locked`);
}

/** The timeline's rows, counted for the customer as well, whose counter's lock is held to the commit: so no reader sees a gap. */
function withTimeline(sql: Sql, timeline: TimelineRow[], occurredAt: Date) {
  const rows = timeline.map((row, at) => ({ ...row, behind: timeline.length - 1 - at }));
  return sql`
    feed as (
      insert into customer_feeds as known (customer_id, counter)
      select customer_id, ${rows.length}::int from written where customer_id is not null and ${rows.length}::int > 0
      on conflict (customer_id) do update set counter = known.counter + excluded.counter
      returning counter
    ), told as (
      insert into order_events
        (order_id, counter, customer_id, customer_counter, type, status, message, causation_id, occurred_at)
      select id, counter, customer_id, (select counter from feed) - behind, type, status, message, "causationId", ${occurredAt}
      from written, jsonb_to_recordset(${sql.json(rows)})
        as t (counter int, behind int, type text, status text, message text, "causationId" uuid)
    )
    select 1 from written`;
}
