import { unfairIn, type Sale, type Ticket } from "./flash-sale-history.ts";
import { over, sold, type Databases, type Order, type Violations } from "./read-shop.ts";

/** The timer of holds waits this long for a checkout that is in flight; the rest of I10's 30 s is for a busy machine. */
const graceUs = 30e6;

/** I12 and, of holds, I5: the units of each sale add up, each ticket got what the order of arrival gives it, and one end. */
export async function checkFlashSales(orders: Order[], databases: Databases): Promise<Violations> {
  const { inventory } = databases;
  const sales = await inventory<SaleRow[]>`
    select id, sku, (price ->> 'amount')::bigint as price, units_total as "unitsTotal", units_free as free, units_sold as sold,
      waiting, per_customer_limit as "perCustomerLimit", last_number as "lastNumber", last_grant as "lastGrant",
      contested_grants as contested, (extract(epoch from ends_at) * 1e6)::float as "endsAt",
      (extract(epoch from closed_at) * 1e6)::float as "closedAt", (extract(epoch from clock_timestamp()) * 1e6)::float as now,
      case when vip_ratio is not null then jsonb_build_object('vip', vip_ratio, 'standard', standard_ratio) end as ratio
    from flash_sales`;
  const tickets = await inventory<TicketRow[]>`
    select id, sale_id as "saleId", number, customer_id as "customerId", line, status, unit, order_id as "orderId",
      grant_number as "grantNumber", was_contested as "wasContested",
      ${inventory.unsafe(
        ["entered_at", "granted_at", "ended_at", "returned_at", "hold_expires_at"]
          .map((name) => `(extract(epoch from ${name}) * 1e6)::float as "${camel(name)}"`)
          .join(", "),
      )}
    from flash_tickets`;
  const units = await inventory<Unit[]>`
    select sale_id as "saleId", unit, sku, status, ticket_id as "ticketId" from flash_units`;
  const places = await inventory<{ sku: string; warehouse: string; flash: number; aside: number }[]>`
    select sku, warehouse_code as warehouse, coalesce(flash, 0) as flash, coalesce(aside, 0)::int as aside
    from stock full join (
      select sku, warehouse_code, count(*) as aside from flash_units where status = 'SET_ASIDE' group by sku, warehouse_code
    ) set_aside using (sku, warehouse_code)
    where coalesce(flash, 0) <> coalesce(aside, 0)`;
  const byOrder = new Map(orders.map((order) => [order.id, order]));
  const prices = await pricesOf(databases, tickets);
  const ticketsOf = Map.groupBy(tickets, ({ saleId }) => saleId);
  const unitsOf = Map.groupBy(units, ({ saleId }) => saleId);
  return [
    ...places.map(
      ({ sku, warehouse, flash, aside }) =>
        `I1: ${flash} units of ${sku} in ${warehouse} are of flash sales, whose units say ${aside}`,
    ),
    ...sales.flatMap((sale) => {
      const mine = ticketsOf.get(sale.id) ?? [];
      return [
        ...unfairIn(sale, mine),
        ...unitsAddUp(sale, mine, unitsOf.get(sale.id) ?? []),
        ...endsOnce(sale, mine, byOrder),
        ...ordersAgree(sale, mine, byOrder, prices),
      ];
    }),
  ];
}

type SaleRow = Sale & {
  sku: string;
  price: number;
  free: number;
  sold: number;
  waiting: number;
  lastNumber: number;
  lastGrant: number;
  contested: number;
};
type TicketRow = Ticket & {
  saleId: string;
  unit: number | null;
  orderId: string | null;
  holdExpiresAt: number | null;
};
type Unit = { saleId: string; unit: number; sku: string; status: string; ticketId: string | null };

/** Sold, held and left are all, and the sale's counts are those of its units and tickets. */
function unitsAddUp(sale: SaleRow, tickets: readonly TicketRow[], units: readonly Unit[]): Violations {
  const is = (status: string) => units.filter((one) => one.status === status).length;
  const free = units.filter(({ status, ticketId }) => status === "SET_ASIDE" && ticketId === null).length;
  const bought = tickets.filter((one) => one.status === "BOUGHT" && one.returnedAt === null);
  const holding = tickets.filter(({ status }) => status === "HOLDING");
  const granted = tickets.filter(({ grantNumber }) => grantNumber !== null);
  const counts: [what: string, counted: number, there: number][] = [
    ["units in all", sale.unitsTotal, units.length],
    ["units sold", sale.sold, bought.length],
    ["units marked as sold", is("SOLD"), bought.length],
    ["free units", sale.free, free],
    [
      "units sold, held, left and given back",
      sale.sold + holding.length + sale.free + is("BACK"),
      sale.unitsTotal,
    ],
    ["tickets", sale.lastNumber, tickets.length],
    ["waiting tickets", sale.waiting, tickets.filter(({ status }) => status === "WAITING").length],
    ["grants", sale.lastGrant, granted.length],
    ["contested grants", sale.contested, granted.filter(({ wasContested }) => wasContested).length],
  ];
  const owners = new Map(units.map(({ unit, ticketId }) => [unit, ticketId]));
  return [
    ...counts
      .filter(([, counted, there]) => counted !== there)
      .map(
        ([what, counted, there]) => `I12: sale ${sale.id} counts ${counted} ${what}, and there are ${there}`,
      ),
    ...[...holding, ...bought]
      .filter(({ unit, id }) => unit === null || owners.get(unit) !== id)
      .map(
        ({ number, unit }) => `I12: unit ${unit} of sale ${sale.id} is not ticket ${number}'s, which has it`,
      ),
  ];
}

/** Once a sale has ended each ticket has one end: only a hold that is an open order's may last. */
function endsOnce(sale: SaleRow, tickets: readonly TicketRow[], orders: Map<string, Order>): Violations {
  const isOver = sale.now > sale.endsAt + graceUs;
  return tickets.flatMap(({ number, status, orderId, holdExpiresAt, endedAt, grantedAt }) => {
    const at = `ticket ${number} of sale ${sale.id}`;
    const isFinal = status !== "WAITING" && status !== "HOLDING";
    if (isFinal !== (endedAt !== null))
      return [`I12: ${at} is ${status}, and has ${endedAt ? "an" : "no"} end`];
    if ((status === "WAITING" || status === "SOLD_OUT") === (grantedAt !== null) && status !== "LEFT")
      return [`I12: ${at} is ${status}, and has ${grantedAt ? "got a" : "no"} unit`];
    if (status === "WAITING" && isOver) return [`I12: ${at} waits, and the sale is over`];
    if (status !== "HOLDING") return [];
    if (orderId === null)
      return sale.now > (holdExpiresAt ?? 0) + graceUs ? [`I10: the hold of ${at} is overdue`] : [];
    const order = orders.get(orderId);
    return order && !over.has(order.status) && !sold.has(order.status)
      ? []
      : [`I12: ${at} holds a unit for ${orderId}, which is ${order?.status}`];
  });
}

/** A ticket is BOUGHT exactly if its order is bought, of one unit at the sale's price. */
function ordersAgree(
  sale: SaleRow,
  tickets: readonly TicketRow[],
  orders: Map<string, Order>,
  prices: Map<string, { sku: string; quantity: number; price: number }[]>,
): Violations {
  return tickets.flatMap(({ number, status, orderId, returnedAt }) => {
    const at = `ticket ${number} of sale ${sale.id}`;
    if (orderId === null) return status === "BOUGHT" ? [`I12: ${at} is BOUGHT, and has no order`] : [];
    const order = orders.get(orderId);
    const isBought = order !== undefined && sold.has(order.status);
    if (isBought !== (status === "BOUGHT" && returnedAt === null) && (isBought || status === "BOUGHT"))
      return [`I12: ${at} is ${status}, and order ${orderId} is ${order?.status}`];
    const lines = (prices.get(orderId) ?? []).filter(({ sku }) => sku === sale.sku);
    const isAsSold = lines.length === 1 && lines[0]?.quantity === 1 && lines[0].price === sale.price;
    return order && !isAsSold
      ? [`I12: order ${orderId} of ${at} has ${JSON.stringify(lines)}, for one unit at ${sale.price}`]
      : [];
  });
}

/** Lines of the orders that tickets went into. */
async function pricesOf({ order }: Databases, tickets: readonly TicketRow[]) {
  const ids = tickets.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]));
  const rows = await order<{ id: string; lines: { sku: string; quantity: number; price: number }[] }[]>`
    select id, (
      select jsonb_agg(jsonb_build_object('sku', line ->> 'sku', 'quantity', (line ->> 'quantity')::int,
        'price', (line #>> '{unitPrice,amount}')::bigint))
      from jsonb_array_elements(details -> 'lines') as line
    ) as lines from orders where id = any (${ids})`;
  return new Map(rows.map(({ id, lines }) => [id, lines]));
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
