import type { Tx } from "@shop/service";
import type { Order, TimelineRow } from "./domain/index.ts";
import { changingColumns, lastingColumns } from "./rows.ts";

/** A decision: the order as it was read, as it is to be, and what its timeline gains. */
export type OrderChange = { from: Order; to: Order; timeline: TimelineRow[]; at: Date };

/** Writes a new order with its timeline in one statement. False when its number or its cart's version is taken. */
export async function insertOrder({ sql }: Tx, order: Order, timeline: TimelineRow[]): Promise<boolean> {
  const { bought, ...lasting } = lastingColumns(order);
  const { progress, ...changing } = changingColumns(order);
  const row = { ...lasting, ...changing, bought: sql.json(bought), progress: sql.json(progress) };
  const words = `${order.number} ${order.email} ${order.address.name}`.toLowerCase();
  const written = await sql`
    with written as (
      insert into orders ${sql(row)} on conflict do nothing returning id, customer_id
    ), findable as (
      insert into order_search (order_id, words) select id, ${words} from written
    )
    select write_timeline(id, customer_id, ${sql.json(timeline)}, ${order.createdAt}) from written`;
  return written.length > 0;
}

/** Writes decisions in one statement. Throws when one of the orders is not as it was read any more. */
export async function changeOrders({ sql }: Tx, changes: readonly OrderChange[]): Promise<undefined[]> {
  const rows = changes.map(({ from, to, timeline, at }) => {
    const { id, customerId, version } = from;
    return { id, customer_id: customerId, from_version: version, ...changingColumns(to), timeline, at };
  });
  await sql`select change_orders(${sql.json(rows)})`;
  return changes.map(() => undefined);
}
