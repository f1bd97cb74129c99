import { over, sold, type Databases, type Order, type Violations } from "./read-shop.ts";

/** I1, I4 and I5: the books add up, and what is held or sold is held or sold for one order, line by line. */
export async function checkStock(orders: Order[], { inventory }: Databases): Promise<Violations> {
  const places = await inventory<Place[]>`
    select sku, warehouse_code as warehouse, on_hand as "onHand", reserved, sold, flash, coalesce(booked, 0)::int as booked,
      coalesce(promised, 0)::int as promised, coalesce(taken, 0)::int as taken
    from stock
    full join (
      select sku, warehouse_code, sum(delta) as booked from stock_movements group by sku, warehouse_code
    ) books using (sku, warehouse_code)
    full join (
      select sku, warehouse_code, sum(quantity) filter (where status = 'RESERVED') as promised,
        sum(quantity) filter (where status = 'SOLD') as taken
      from allocations left join reservations using (order_id) group by sku, warehouse_code
    ) orders using (sku, warehouse_code)`;
  const held = await inventory<{ id: string; is: string; parts: { line: string; units: number }[] }[]>`
    select order_id as id, status as is, coalesce(jsonb_agg(part) filter (where part is not null), '[]') as parts
    from reservations left join (
      select order_id, jsonb_build_object('line', line_id, 'units', sum(quantity)) as part
      from allocations group by order_id, line_id
    ) as allocated using (order_id)
    where status in ('RESERVED', 'SOLD') group by order_id, status`;
  const byOrder = new Map(orders.map((order) => [order.id, order]));
  const sellers = new Set(held.filter(({ is }) => is === "SOLD").map(({ id }) => id));
  return [
    ...places.flatMap(addsUp),
    ...held.flatMap(({ id, is, parts }) => {
      const order = byOrder.get(id);
      if (!order) return [`I4: stock is ${is} for ${id}, of which order knows nothing`];
      const isOutlived = over.has(order.status) || (is === "RESERVED" && sold.has(order.status));
      return [
        ...(isOutlived ? [`I4: order ${id} is ${order.status} and its stock is ${is}`] : []),
        ...(isLineByLine(order, parts) ? [] : [`I5: stock is ${is} for other units than ${id} has bought`]),
      ];
    }),
    ...orders
      .filter(({ id, status }) => sold.has(status) && !sellers.has(id))
      .map(({ id, status }) => `I4: order ${id} is ${status} and its stock was never sold`),
  ];
}

type Place = {
  sku: string;
  warehouse: string;
  onHand: number | null;
  reserved: number | null;
  sold: number | null;
  flash: number | null;
  booked: number;
  promised: number;
  taken: number;
};

/** What is there and sold came in, and what is reserved or sold is so for an order. */
function addsUp({ sku, warehouse, booked, promised, taken, ...place }: Place): Violations {
  const { onHand, reserved, sold, flash } = {
    onHand: place.onHand ?? 0,
    reserved: place.reserved ?? 0,
    sold: place.sold ?? 0,
    flash: place.flash ?? 0,
  };
  const at = `of ${sku} in ${warehouse}`;
  const isSound = Math.min(onHand, reserved, sold, flash, onHand - reserved - flash) >= 0;
  return [
    ...(onHand + sold === booked && isSound
      ? []
      : [
          `I1: the stock ${at} does not add up: ${onHand} there (${reserved} reserved, ${flash} of flash sales), ${sold} sold, ${booked} came in`,
        ]),
    ...(reserved === promised ? [] : [`I4: ${reserved} ${at} are reserved, for orders ${promised}`]),
    ...(sold === taken ? [] : [`I4: ${sold} ${at} are sold, to orders ${taken}`]),
  ];
}

function isLineByLine({ lines }: Order, parts: { line: string; units: number }[]): boolean {
  const units = new Map(parts.map((part) => [part.line, part.units]));
  return units.size === lines.length && lines.every((line) => units.get(line.lineId) === line.quantity);
}
