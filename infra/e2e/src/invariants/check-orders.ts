import { over, sold, type Databases, type Order, type Violations } from "./read-shop.ts";

/** I2, I8, I10, I11 and I14: each order rests, with one end, a whole timeline, and a true total. */
export async function checkOrders(orders: Order[], databases: Databases): Promise<Violations> {
  return [
    ...orders.flatMap(({ id, status, mayWait, isLate }) => [
      ...(sold.has(status) || over.has(status) || mayWait
        ? []
        : [`I2: order ${id} does not rest: ${status}`]),
      ...(isLate ? [`I10: order ${id} is ${status}, and its deadline has passed without effect`] : []),
    ]),
    ...(await timelinesAgree(databases)),
    ...(await stepsAreLegal(databases)),
    ...(await feedsAreWhole(databases)),
    ...(await totalsAddUp(databases)),
  ];
}

async function timelinesAgree({ order }: Databases): Promise<Violations> {
  const gaps = await order<{ id: string }[]>`
    select o.id from orders o left join order_events e on e.order_id = o.id
    group by o.id, o.counter having count(e) <> o.counter or min(e.counter) <> 1 or max(e.counter) <> o.counter`;
  const ends = await order<{ id: string; status: string; first: string; last: string }[]>`
    select o.id, o.status, first.status as first, last.status as last from orders o
    join order_events first on first.order_id = o.id and first.counter = 1
    join order_events last on last.order_id = o.id and last.counter = o.counter
    where first.status <> 'CREATED' or last.status <> o.status`;
  // One message may show several things, but none of them twice.
  const doubled = await order<{ id: string; type: string }[]>`
    select order_id as id, type from order_events where causation_id is not null
    group by order_id, causation_id, type having count(*) > 1`;
  const causeless = await order<{ id: string; counter: number }[]>`
    select order_id as id, counter from order_events
    where causation_id is not null and causation_id not in (
      select event_id from inbox
      -- A payment that wins its order by a request names the event that led to it, which may be order's own.
      union select event_id from published_events union select event_id from outbox
    )`;
  return [
    ...gaps.map(({ id }) => `I8: the timeline of ${id} has a gap`),
    ...ends.map(
      ({ id, status, first, last }) =>
        `I11: the timeline of ${id}, which is ${status}, goes from ${first} to ${last}`,
    ),
    ...doubled.map(({ id, type }) => `I7: one event was shown twice as ${type} in the timeline of ${id}`),
    ...causeless.map(
      ({ id, counter }) => `I11: row ${counter} of the timeline of ${id} has an unknown cause`,
    ),
  ];
}

/** What a timeline must show of an order that stands there, however it came to be. */
const milestones: Record<string, string[]> = {
  REJECTED: ["ORDER_INITIATED", "INVENTORY_RESERVATION_FAILED"],
  CANCELLED: ["ORDER_INITIATED", "ORDER_CANCELLED"],
  EXPIRED: ["ORDER_INITIATED", "ORDER_EXPIRED"],
  CONFIRMED: ["ORDER_INITIATED", "INVENTORY_RESERVED", "PAYMENT_PROCESSED", "ORDER_CONFIRMED"],
};
milestones["SHIPPED"] = [...(milestones["CONFIRMED"] ?? []), "SHIPMENT_UPDATED"];
milestones["DELIVERED"] = milestones["SHIPPED"];

/** I2 and I11: no way back from an end, and no step left out. */
async function stepsAreLegal({ order }: Databases): Promise<Violations> {
  const rows = await order<{ id: string; status: string; types: string[]; ways: string[] }[]>`
    select id, orders.status, array_agg(type order by e.counter) as types,
      array_agg(e.status order by e.counter) as ways
    from orders join order_events e on order_id = id group by id, orders.status`;
  return rows.flatMap(({ id, status, types, ways }) => {
    const end = ways.findIndex((way) => over.has(way));
    const isBack = end >= 0 && ways.slice(end).some((way) => way !== ways[end]);
    const missing = (milestones[status] ?? []).filter((type) => !types.includes(type));
    return [
      ...(isBack ? [`I2: order ${id} came back from its end: ${ways.join(" ")}`] : []),
      ...missing.map((type) => `I11: order ${id} is ${status}, and its timeline has no ${type}`),
    ];
  });
}

/** I8: what follows all orders of a customer counts without a gap, too. */
async function feedsAreWhole({ order }: Databases): Promise<Violations> {
  const rows = await order<{ id: string }[]>`
    select customer_id as id from customer_feeds feed full join order_events using (customer_id)
    where customer_id is not null group by customer_id, feed.counter
    having count(customer_counter) <> coalesce(feed.counter, 0) or max(customer_counter) <> feed.counter
      or min(customer_counter) <> 1`;
  return rows.map(({ id }) => `I8: the feed of customer ${id} has a gap`);
}

async function totalsAddUp({ order }: Databases): Promise<Violations> {
  const rows = await order<{ id: string }[]>`
    select id from orders, jsonb_to_record(details -> 'totals')
      as t (subtotal jsonb, discount jsonb, shipping jsonb, tax jsonb, total jsonb)
    where (subtotal ->> 'amount')::bigint - (discount ->> 'amount')::bigint + (shipping ->> 'amount')::bigint
      + (tax ->> 'amount')::bigint <> (total ->> 'amount')::bigint
      or (subtotal ->> 'amount')::bigint <> (
        select sum((line #>> '{lineTotal,amount}')::bigint) from jsonb_array_elements(details -> 'lines') as line
      )
      or exists (
        select from jsonb_array_elements(details -> 'lines') as line
        where (line #>> '{unitPrice,amount}')::bigint * (line ->> 'quantity')::int <> (line #>> '{lineTotal,amount}')::bigint
      )`;
  return rows.map(({ id }) => `I14: the total of ${id} is not the sum of its parts`);
}
