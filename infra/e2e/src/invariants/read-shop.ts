import type { ShopStatus } from "@shop/stack";
import postgres from "postgres";

/** What was found wrong, in words; empty when every invariant holds. */
export type Violations = string[];

export type Database = postgres.Sql<{ bigint: number }>;

/** Who has a database of their own; search has an index instead. */
const owners = ["account", "catalog", "cart", "inventory", "order", "payment", "shipping"] as const;
export type Owner = (typeof owners)[number];
export type Databases = Readonly<Record<Owner, Database>>;

export type Order = {
  id: string;
  status: string;
  total: number;
  counter: number;
  isLate: boolean;
  mayWait: boolean;
  lines: { lineId: string; quantity: number }[];
  /** Where order believes its parcels are. */
  shipments: { shipmentId: string; status: string }[];
  /** How far order believes its payment is. */
  money: string;
};

/** Bought for good: the money stays, the stock is gone. */
export const sold: ReadonlySet<string> = new Set(["CONFIRMED", "SHIPPED", "DELIVERED"]);
/** Come to nothing: all is given back. */
export const over: ReadonlySet<string> = new Set(["REJECTED", "CANCELLED", "EXPIRED"]);

/** Lets the work read all databases as their administrator, and closes them. */
export async function withDatabases<T>(
  status: ShopStatus,
  work: (databases: Databases) => Promise<T>,
): Promise<T> {
  const open = (owner: Owner): [Owner, Database] => {
    const url = new URL(status.stores.postgres);
    url.pathname = `/shop_${owner}`;
    const types = { bigint: { to: 20, from: [20], serialize: String, parse: Number } };
    return [owner, postgres(url.href, { max: 1, types })];
  };
  const databases = Object.fromEntries(owners.map(open)) as Record<Owner, Database>;
  try {
    return await work(databases);
  } finally {
    await Promise.all(Object.values(databases).map((sql) => sql.end()));
  }
}

/** All orders; `isLate` by more than the 30 s that I10 grants. */
export async function ordersOf({ order }: Databases): Promise<Order[]> {
  return await order<Order[]>`
    select id, status, counter, (details #>> '{totals,total,amount}')::bigint as total, details -> 'lines' as lines,
      progress -> 'shipments' as shipments, progress ->> 'money' as money,
      status = 'AWAITING_PAYMENT' and expires_at > now() as "mayWait",
      coalesce(due_at < now() - interval '30 seconds', false) as "isLate"
    from orders`;
}
