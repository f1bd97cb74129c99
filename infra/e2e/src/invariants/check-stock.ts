import { over, sold, type Databases, type Order, type Violations } from "./read-shop.ts";

/** I1, I4 and I5: the books add up, and what is held or sold is held or sold for one order, line by line. */
export async function checkStock(orders: Order[], { inventory }: Databases): Promise<Violations> {
  const wrong = await inventory`select * from stock_that_does_not_add_up`;
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
    ...wrong.map(
      (row) =>
        `I1: the stock of ${row["sku"]} in ${row["warehouse_code"]} does not add up: ${JSON.stringify(row)}`,
    ),
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

function isLineByLine({ lines }: Order, parts: { line: string; units: number }[]): boolean {
  const units = new Map(parts.map((part) => [part.line, part.units]));
  return units.size === lines.length && lines.every((line) => units.get(line.lineId) === line.quantity);
}
