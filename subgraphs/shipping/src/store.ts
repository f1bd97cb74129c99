import type { Decision } from "@shop/events";
import { unnestIds, type Postgres, type Tx } from "@shop/service";
import { decide, type Delivery, type Message, type Shipment } from "./domain/index.ts";
import type { deliveries, shipments } from "./tables.ts";

type DeliveryRow = Omit<typeof deliveries.$inferSelect, "changedAt">;

/** A parcel as the graph shows it. */
export type ShipmentView = Omit<typeof shipments.$inferSelect, "contents">;

/** Opens the store; `change` below takes the transaction of its message. */
export function openStore({ sql }: Pick<Postgres, "sql">) {
  return {
    /** Whether the carrier's answer is missing. */
    async isBooking(orderId: string): Promise<boolean> {
      const rows = await sql`select from deliveries where order_id = ${orderId} and status = 'BOOKING'`;
      return rows.length > 0;
    },

    /** Parcels by their ids, in one statement; undefined for unknown ids. */
    async findShipments(ids: readonly string[]): Promise<(ShipmentView | undefined)[]> {
      const rows = await sql<ShipmentView[]>`
        select id, order_id as "orderId", warehouse_code as "warehouseCode", carrier,
          tracking_number as "trackingNumber", tracking_url as "trackingUrl", status,
          estimated_delivery as "estimatedDelivery", events
        from shipments where id = any (${ids as string[]})`;
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id));
    },
  };
}

/** Loads and locks an order's delivery, decides about the message, and writes the next state, events and tasks. */
export async function change(tx: Tx, orderId: string, message: Message): Promise<Decision<Delivery>> {
  const before = await tx.batch(lock, orderId);
  const decision = decide(before, message);
  if (decision.outcome === "ignored") return decision;
  const { state, events, tasks } = decision;
  if (state !== before) await tx.batch(write, { delivery: state, knownVersion: before?.version ?? 0 });
  tx.publish(...events);
  for (const { kind, payload, ...when } of tasks) tx.enqueue(kind, payload, when);
  return decision;
}

/** Thrown when another transaction inserted the delivery first; a retry finds its row. */
export class ConcurrentInsert extends Error {
  override readonly name = "ConcurrentInsert";
  constructor(orderId: string) {
    super(`the delivery of ${orderId} was inserted by another transaction`);
  }
}

/** The order of a parcel. */
export async function findOrderId(tx: Tx, shipmentId: string): Promise<string | undefined> {
  const [row] = await tx.sql<{ orderId: string }[]>`
    select order_id as "orderId" from shipments where id = ${shipmentId}`;
  return row?.orderId;
}

async function lock({ sql }: Tx, orderIds: readonly string[]): Promise<(Delivery | undefined)[]> {
  const ids = orderIds.toSorted();
  // Two statements, sent at once: a statement that has waited for a lock sees other tables as they were before its wait.
  const [deliveries, shipments] = await Promise.all([
    sql<DeliveryRow[]>`
      select locked.* from ${unnestIds(sql, ids)} cross join lateral (
        select order_id as "orderId", status, version, reason, cause, called_off as "calledOff", hold
        from deliveries where order_id = ids.id for update
      ) as locked`,
    sql<(Shipment & { orderId: string })[]>`
      select found.* from ${unnestIds(sql, ids)} cross join lateral (
        select order_id as "orderId", id, warehouse_code as "warehouseCode", carrier,
          tracking_number as "trackingNumber", tracking_url as "trackingUrl", status,
          to_json(estimated_delivery) #>> '{}' as "estimatedDelivery", contents, events
        from shipments where order_id = ids.id order by warehouse_code limit 1000
      ) as found`,
  ]);
  const parcels = Map.groupBy(shipments, ({ orderId }) => orderId);
  const byOrder = new Map(
    deliveries.map((delivery) => [
      delivery.orderId,
      // The row doesn't say that only FAILED has a reason; it was written from a delivery.
      { ...delivery, shipments: (parcels.get(delivery.orderId) ?? []).map(withoutOrder) } as Delivery,
    ]),
  );
  return orderIds.map((orderId) => byOrder.get(orderId));
}

function withoutOrder({ orderId: _orderId, ...shipment }: Shipment & { orderId: string }): Shipment {
  return shipment;
}

async function write(
  { sql }: Tx,
  changes: readonly { delivery: Delivery; knownVersion: number }[],
): Promise<undefined[]> {
  const deliveries = changes.map(({ delivery, knownVersion }) => ({
    ...delivery,
    shipments: undefined,
    knownVersion,
  }));
  const shipments = changes.flatMap(({ delivery }) =>
    delivery.shipments.map((shipment) => ({ ...shipment, orderId: delivery.orderId })),
  );
  const written = await sql<{ orderId: string }[]>`
    with changes as materialized (
      select * from jsonb_to_recordset(${sql.json(deliveries)}) as change ("orderId" text, status text,
        version int, reason text, cause text, "calledOff" jsonb, hold jsonb, "knownVersion" int)
    ),
    delivery as (
      insert into deliveries (order_id, status, version, reason, cause, called_off, hold)
      select "orderId", status, version, reason, cause, "calledOff", hold from changes order by "orderId"
      on conflict (order_id) do update set
        status = excluded.status, version = excluded.version, reason = excluded.reason,
        cause = excluded.cause, called_off = excluded.called_off, hold = excluded.hold, changed_at = now()
      where deliveries.version = (select "knownVersion" from changes where "orderId" = deliveries.order_id)
      returning order_id
    ),
    parcels as (
      insert into shipments (id, order_id, warehouse_code, carrier, tracking_number, tracking_url, status,
        estimated_delivery, contents, events)
      select id, order_id, "warehouseCode", carrier, "trackingNumber", "trackingUrl", status,
        "estimatedDelivery", contents, events
      from delivery join jsonb_to_recordset(${sql.json(shipments)}) as s (id text, "orderId" text,
        "warehouseCode" text, carrier text, "trackingNumber" text, "trackingUrl" text, status text,
        "estimatedDelivery" timestamptz, contents jsonb, events jsonb) on "orderId" = order_id
      on conflict (id) do update set
        tracking_number = excluded.tracking_number, tracking_url = excluded.tracking_url,
        status = excluded.status, events = excluded.events
    )
    select order_id as "orderId" from delivery`;
  const ids = new Set(written.map(({ orderId }) => orderId));
  // Concurrent inserts of the same delivery found no row to lock: the second is rolled back, and its message is retried.
  return changes.map(({ delivery }) => {
    if (!ids.has(delivery.orderId)) throw new ConcurrentInsert(delivery.orderId);
    return undefined;
  });
}
