import postgres from "postgres";
import { request } from "undici";
import type { ShopStatus } from "@shop/stack";

/** What was found wrong, in words; empty when every invariant holds. */
export type Violations = string[];

type Database = postgres.Sql<{ bigint: number }>;
type Order = {
  id: string;
  status: string;
  total: number;
  currency: string;
  counter: number;
  expires_at: Date | null;
};
type Payment = {
  id: string;
  order_id: string;
  status: string;
  amount: number | null;
  refunded: number;
  intent_id: string | null;
};
type Intent = { id: string; status: string; amount_received: number; metadata: Record<string, string> };

const sold = new Set(["CONFIRMED", "SHIPPED", "DELIVERED"]);
const over = new Set(["REJECTED", "CANCELLED", "EXPIRED"]);

/**
 * Checks I1 to I5, I8, I9, I13 and I14 of the design over all databases and the provider of a shop at rest. Run it once
 * the shop is quiet: orders that still move are reported as I2.
 */
export async function checkInvariants(status: ShopStatus): Promise<Violations> {
  const open = (name: string) => {
    const url = new URL(status.stores.postgres);
    url.pathname = `/shop_${name}`;
    return postgres(url.href, {
      max: 1,
      types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    });
  };
  const orders = open("order");
  const inventory = open("inventory");
  const payments = open("payment");
  const shipping = open("shipping");
  try {
    const all = await orders<Order[]>`
      select id, status, counter, expires_at, (bought #>> '{totals,total,amount}')::bigint::int as total,
        bought #>> '{totals,total,currency}' as currency from orders`;
    const paid = await payments<
      Payment[]
    >`select id, order_id, status, amount::int, refunded::int, intent_id from payments`;
    return [
      ...(await stockAddsUp(inventory)),
      ...restingOrders(all),
      ...(await moneyAgrees(all, paid, status)),
      ...(await reservationsAgree(all, inventory)),
      ...(await timelinesAgree(orders)),
      ...(await shipmentsAgree(all, shipping)),
      ...(await totalsAddUp(orders)),
    ];
  } finally {
    await Promise.all([orders, inventory, payments, shipping].map((sql) => sql.end()));
  }
}

async function stockAddsUp(inventory: Database): Promise<Violations> {
  const rows = await inventory`select * from stock_that_does_not_add_up`;
  return rows.map(
    (row) =>
      `I1: the stock of ${row["sku"]} in ${row["warehouse_code"]} does not add up: ${JSON.stringify(row)}`,
  );
}

function restingOrders(all: Order[]): Violations {
  return all
    .filter(({ status, expires_at: expiresAt }) => {
      const mayWait = status === "AWAITING_PAYMENT" && expiresAt !== null && expiresAt.getTime() > Date.now();
      return !sold.has(status) && !over.has(status) && !mayWait;
    })
    .map(({ id, status }) => `I2: order ${id} does not rest: ${status}`);
}

async function moneyAgrees(all: Order[], paid: Payment[], status: ShopStatus): Promise<Violations> {
  const wrong: Violations = [];
  const byOrder = new Map(paid.map((payment) => [payment.order_id, payment]));
  for (const order of all) {
    const payment = byOrder.get(order.id);
    const kept =
      payment && ["CAPTURED", "REFUNDED"].includes(payment.status)
        ? (payment.amount ?? 0) - payment.refunded
        : 0;
    const expected = sold.has(order.status) ? order.total : 0;
    if (over.has(order.status) || sold.has(order.status)) {
      if (kept !== expected)
        wrong.push(
          `I3: order ${order.id} is ${order.status} and ${kept} of ${expected} is kept (${payment?.status})`,
        );
    }
  }
  if (!status.stripe) return wrong;
  const known = new Set(paid.flatMap(({ order_id: id }) => id));
  const byOrderAtProvider = Map.groupBy(
    await intentsOf(status.stripe.url),
    ({ metadata }) => metadata["orderId"] ?? "",
  );
  for (const [orderId, intents] of byOrderAtProvider) {
    if (!known.has(orderId))
      wrong.push(`I13: intents ${intents.map(({ id }) => id).join(", ")} at the provider are nobody's`);
    const order = all.find(({ id }) => id === orderId);
    const live = intents.filter(
      (intent) => intent.status !== "canceled" && intent.status !== "requires_payment_method",
    );
    if (live.length > 1) wrong.push(`I3: order ${orderId} has ${live.length} live intents`);
    if (order && over.has(order.status) && intents.some((intent) => intent.status === "requires_capture")) {
      wrong.push(`I3: order ${orderId} is ${order.status} and an authorisation is open`);
    }
    if (order && sold.has(order.status) && !live.some((intent) => intent.status === "succeeded")) {
      wrong.push(`I3: order ${orderId} is ${order.status} and the provider has not captured it`);
    }
  }
  return wrong;
}

async function intentsOf(url: string): Promise<Intent[]> {
  const all: Intent[] = [];
  for (let after = ""; ;) {
    const page = `${url}/v1/payment_intents?limit=100${after ? `&starting_after=${after}` : ""}`;
    const answer = await request(page, { headers: { authorization: "Bearer sk_test_check" } });
    const { data, has_more: hasMore } = (await answer.body.json()) as { data: Intent[]; has_more: boolean };
    all.push(...data);
    after = data.at(-1)?.id ?? "";
    if (!hasMore || !after) return all;
  }
}

async function reservationsAgree(all: Order[], inventory: Database): Promise<Violations> {
  const status = new Map(all.map((order) => [order.id, order.status]));
  const rows = await inventory<
    { order_id: string; status: string }[]
  >`select order_id, status from reservations`;
  const wrong = rows.flatMap(({ order_id: id, status: held }) => {
    const order = status.get(id) ?? "unknown";
    if (held === "RESERVED" && (over.has(order) || sold.has(order)))
      return [`I4: order ${id} is ${order} and its stock is ${held}`];
    if (held === "SOLD" && over.has(order)) return [`I4: order ${id} is ${order} and its stock is ${held}`];
    return [];
  });
  const sellers = new Set(rows.filter((row) => row.status === "SOLD").map((row) => row.order_id));
  const unsold = all.filter((order) => sold.has(order.status) && !sellers.has(order.id));
  return [
    ...wrong,
    ...unsold.map(({ id, status: is }) => `I4: order ${id} is ${is} and its stock was never sold`),
  ];
}

async function timelinesAgree(orders: Database): Promise<Violations> {
  const gaps = await orders`
    select o.id from orders o join order_events e on e.order_id = o.id
    group by o.id, o.counter having count(*) <> o.counter or min(e.counter) <> 1 or max(e.counter) <> o.counter`;
  return gaps.map((row) => `I8: the timeline of ${row["id"]} has a gap`);
}

async function shipmentsAgree(all: Order[], shipping: Database): Promise<Violations> {
  const status = new Map(all.map((order) => [order.id, order.status]));
  const rows = await shipping<{ order_id: string; status: string }[]>`select order_id, status from shipments`;
  return rows
    .filter(({ order_id: id, status: is }) => is !== "CANCELLED" && !sold.has(status.get(id) ?? ""))
    .map(
      ({ order_id: id, status: is }) => `I9: order ${id} is ${status.get(id)} and a shipment of it is ${is}`,
    );
}

async function totalsAddUp(orders: Database): Promise<Violations> {
  const rows = await orders`
    select id from orders, jsonb_to_record(bought -> 'totals')
      as t (subtotal jsonb, discount jsonb, shipping jsonb, tax jsonb, total jsonb)
    where (subtotal ->> 'amount')::bigint - (discount ->> 'amount')::bigint + (shipping ->> 'amount')::bigint
      + (tax ->> 'amount')::bigint <> (total ->> 'amount')::bigint
      or (subtotal ->> 'amount')::bigint <> (
        select sum((line #>> '{lineTotal,amount}')::bigint) from jsonb_array_elements(bought -> 'lines') as line
      )`;
  return rows.map((row) => `I14: the total of ${row["id"]} is not the sum of its parts`);
}
