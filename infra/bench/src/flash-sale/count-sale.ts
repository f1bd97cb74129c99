import type { ShopStatus } from "@shop/stack";
import postgres from "postgres";
import type { OpenedSale } from "./open-sale.ts";

/** What the databases say of a sale, read when all its customers have their final answer. */
export type SaleCount = {
  bought: number;
  holding: number;
  waiting: number;
  tickets: number;
  /** Orders that are bought, of one unit at the sale's price. */
  orders: number;
  /** Units that two tickets have, and customers with more than one unit. */
  doubled: number;
  /** Bytes that a ticket takes in Postgres, with its share of the indexes. */
  ticketBytes: number;
  /** The status and moments of each ticket in ms, by id. */
  history: Map<string, TicketMoments>;
};

export type TicketMoments = {
  status: string;
  enteredAt: number;
  grantedAt: number | null;
  endedAt: number | null;
};

/** Reads tickets and orders as the administrator of the shop's Postgres. */
export async function countSale(status: ShopStatus, sale: OpenedSale): Promise<SaleCount> {
  const open = (owner: string) => {
    const url = new URL(status.stores.postgres);
    url.pathname = `/shop_${owner}`;
    return postgres(url.href, { max: 1 });
  };
  const [inventory, order] = [open("inventory"), open("order")];
  try {
    const tickets = await inventory<
      ({ id: string; customer: string; unit: number | null; order: string | null } & TicketMoments)[]
    >`
      select id, customer_id as customer, unit, order_id as order, status,
        (extract(epoch from entered_at) * 1000)::float as "enteredAt",
        (extract(epoch from granted_at) * 1000)::float as "grantedAt",
        (extract(epoch from ended_at) * 1000)::float as "endedAt"
      from flash_tickets where sale_id = ${sale.id}`;
    const bought = tickets.filter((one) => one.status === "BOUGHT");
    const [orders] = await order<{ count: number }[]>`
      select count(*)::int from orders where id = any (${bought.flatMap((one) => (one.order ? [one.order] : []))})
        and status in ('CONFIRMED', 'SHIPPED', 'DELIVERED')
        and exists (select from jsonb_array_elements(details -> 'lines') as line where line ->> 'sku' = ${sale.sku}
          and (line ->> 'quantity')::int = 1 and (line #>> '{unitPrice,amount}')::int = ${sale.price})`;
    const [size] = await inventory<{ bytes: number }[]>`
      select pg_total_relation_size('flash_tickets')::float / greatest(count(*), 1) as bytes from flash_tickets`;
    const distinct = (of: (one: (typeof bought)[number]) => unknown) => new Set(bought.map(of)).size;
    const is = (wanted: string) => tickets.filter((one) => one.status === wanted).length;
    return {
      ...{ bought: bought.length, holding: is("HOLDING"), waiting: is("WAITING"), tickets: tickets.length },
      orders: orders?.count ?? 0,
      doubled: 2 * bought.length - distinct((one) => one.unit) - distinct((one) => one.customer),
      ticketBytes: size?.bytes ?? 0,
      history: new Map(tickets.map((one) => [one.id, one])),
    };
  } finally {
    await Promise.all([inventory.end(), order.end()]);
  }
}
