import type { EventData, StockState } from "@shop/events";
import { unnestIds, type Postgres, type Tx } from "@shop/service";
import { flashSales, flashTickets } from "../tables.ts";
import { columnsOf } from "./columns.ts";

/** A sale and its variant, as read at a moment of the database's clock. */
export type Sale = typeof flashSales.$inferSelect & { variantId: string; productId: string; readAt: Date };
/** A ticket as it is read. */
export type Ticket = typeof flashTickets.$inferSelect;

const saleColumns = columnsOf(flashSales, "sale");
const ticketColumns = columnsOf(flashTickets, "ticket");

/** For how long after its end a sale is kept in memory. */
const keptAfterEnd = "1 hour";

/** Opens the reads of flash sales; what decides stands in the files beside. */
export function openFlashSales({ sql }: Pick<Postgres, "sql">) {
  const saleFrom = sql`
    select ${sql.unsafe(saleColumns)}, variant_id as "variantId", product_id as "productId", clock_timestamp() as "readAt"
    from flash_sales sale join items using (sku)`;
  // How a SKU sells outside of its sales is said by the latest of them.
  const isKeptOff = sql`(sale.outside_sale = 'NOT_FOR_SALE' and not exists (select from flash_sales later
    where later.sku = sale.sku and (later.starts_at, later.id) > (sale.starts_at, sale.id)))`;
  return {
    /** Sales by id; within a transaction, as it has changed them. */
    async findSales(ids: readonly string[], tx?: Pick<Tx, "sql">): Promise<Sale[]> {
      return (tx?.sql ?? sql)<Sale[]>`${saleFrom} where sale.id = any (${ids as string[]})`;
    },

    /** All sales that are not over for long, or keep their variant off sale; and the database's clock. */
    async currentSales(): Promise<{ current: Sale[]; clock: Date }> {
      const current = await sql<Sale[]>`
        ${saleFrom} where sale.closed_at is null or sale.ends_at > now() - ${keptAfterEnd}::interval
          or ${isKeptOff}
        order by sale.starts_at, sale.id`;
      const [last = await readClock(sql)] = current.slice(-1);
      return { current, clock: last.readAt };
    },

    /** The sales that other services must know of: those that are not over, and those that keep their variant off sale. */
    async plannedSales(): Promise<Sale[]> {
      return sql<Sale[]>`
        ${saleFrom} where sale.closed_at is null or ${isKeptOff} order by sale.id`;
    },

    /** The sales that ended last. */
    async endedSales(limit: number): Promise<Sale[]> {
      return sql<Sale[]>`
        ${saleFrom} where sale.ends_at <= clock_timestamp() order by sale.ends_at desc, sale.id limit ${limit}`;
    },

    async findTickets(ids: readonly string[]): Promise<Ticket[]> {
      return sql<Ticket[]>`
        select ${sql.unsafe(ticketColumns)} from ${unnestIds(sql, ids)} join flash_tickets ticket using (id)`;
    },

    /** The latest ticket of a customer in each of these sales. */
    async latestTickets(customerId: string, saleIds: readonly string[]): Promise<Ticket[]> {
      return sql<Ticket[]>`
        select distinct on (ticket.sale_id) ${sql.unsafe(ticketColumns)} from flash_tickets ticket
        where customer_id = ${customerId} and sale_id = any (${saleIds as string[]})
        order by ticket.sale_id, ticket.number desc`;
    },

    /** The numbers of the tickets that wait, by sale and line, the lowest first. */
    async waitingNumbers(saleIds: readonly string[]): Promise<WaitingNumbers> {
      const rows = await sql<{ saleId: string; line: string; numbers: number[] }[]>`
        select sale_id as "saleId", line, array_agg(number order by number) as numbers from flash_tickets
        where sale_id = any (${saleIds as string[]}) and status = 'WAITING' group by sale_id, line`;
      return new Map(rows.map(({ saleId, line, numbers }) => [`${saleId} ${line}`, numbers]));
    },
  };
}

/** A sale as other services know it. */
export function plannedSaleOf(sale: Sale): EventData<"FlashSaleChanged"> {
  const { id: saleId, sku, variantId, productId, price, startsAt, endsAt, outsideSale } = sale;
  const times = { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
  return { saleId, sku, variantId, productId, price, outsideSale, ...times };
}

async function readClock(sql: Postgres["sql"]): Promise<{ readAt: Date }> {
  const [row] = await sql<{ readAt: Date }[]>`select clock_timestamp() as "readAt"`;
  if (!row) throw new Error("the database has no clock");
  return row;
}

/** By sale and line: the numbers of the tickets that wait, the lowest first. */
export type WaitingNumbers = ReadonlyMap<string, readonly number[]>;

/** The place of a ticket in its line: 1 is next. */
export function positionIn(waiting: WaitingNumbers, { saleId, line, number }: Ticket): number {
  const numbers = waiting.get(`${saleId} ${line}`) ?? [];
  let [from, to] = [0, numbers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((numbers[middle] ?? 0) < number) from = middle + 1;
    else to = middle;
  }
  return from + 1;
}

/** What a decision changed of a sale: its counters, these tickets, and all that waited if it is over. */
export type FlashChange = { saleId: string; isOver: boolean; tickets: string[] };

/** What the timer found: what it changed, how many holds it ended, and how long until the next end. */
export type Deadlines = {
  changed: FlashChange[];
  stock: StockState[];
  handled: number;
  nextMs: number | null;
};

/** Ends holds that ran out `graceSeconds` ago, and closes sales that are over. */
export async function meetDeadlines({ sql }: Tx, graceSeconds: number, maxHolds: number): Promise<Deadlines> {
  const [row] = await sql<{ result: Deadlines }[]>`
    select meet_flash_deadlines(make_interval(secs => ${graceSeconds}), ${maxHolds}) as result`;
  if (!row) throw new Error("meet_flash_deadlines returned no row");
  return row.result;
}
