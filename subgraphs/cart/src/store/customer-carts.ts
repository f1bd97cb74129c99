import { unnestIds, type Postgres, type Tx } from "@shop/service";
import { refOf } from "@shop/values";
import type { Cart } from "../domain/cart.ts";
import { claimedIdempotencyRecords, type carts, type purchasedOrders } from "../tables.ts";

type CartRow = Omit<typeof carts.$inferSelect, "ref" | "sequence">;

/** Customers' carts: one row in Postgres each, changed under its lock. */
export function customerCarts(pg: Postgres) {
  return {
    async find(id: string): Promise<Cart | undefined> {
      const [row] = await pg.sql<CartRow[]>`select ${columns(pg)} from carts where id = ${id}`;
      return row;
    },

    /** The current cart of each customer. */
    async findCurrent(customerIds: readonly string[]): Promise<Map<string, Cart>> {
      const rows = await pg.sql<CartRow[]>`
        select distinct on (customer_id) ${columns(pg)} from carts
        where customer_id = any(${[...customerIds]}) order by customer_id, sequence desc`;
      return new Map(rows.map((row) => [row.customerId, row]));
    },

    async lock(tx: Tx, ref: string): Promise<Cart | undefined> {
      return await tx.batch(lockAll, ref);
    },

    async exists(ref: string): Promise<boolean> {
      const rows = await pg.sql`select from carts where ref = ${ref}`;
      return rows.length > 0;
    },

    /** Locks the customer's current cart; a second call for the customer waits for the end of this transaction. */
    async lockCurrent(tx: Tx, customerId: string): Promise<Cart | undefined> {
      await tx.sql`select pg_advisory_xact_lock(hashtextextended(${customerId}, 0))`;
      const [row] = await tx.sql<CartRow[]>`
        select ${columns(tx)} from carts where customer_id = ${customerId} order by sequence desc limit 1 for update`;
      return row;
    },

    /** Inserts the cart, which becomes the customer's current one. */
    async insert(tx: Tx, { id, customerId, ...cart }: Cart & { customerId: string }): Promise<void> {
      const { version, currency, lines, updatedAt } = cart;
      await tx.sql`
        insert into carts (id, customer_id, version, currency, lines, updated_at)
        values (${id}, ${customerId}, ${version}, ${currency}, ${json(tx, lines)}, ${updatedAt})`;
    },

    /** Inserts the idempotency records of a claimed cart, and deletes records older than 7 days. */
    async insertRecords(tx: Tx, cartId: string, records: ReadonlyMap<string, string>): Promise<void> {
      await tx.sql`delete from claimed_idempotency_records where claimed_at < now() - interval '7 days'`;
      const rows = [...records].map(([key, value]) => ({ cartId, key, value }));
      if (rows.length > 0) await tx.db.insert(claimedIdempotencyRecords).values(rows);
    },

    /** The idempotency record that the cart had under this key as a guest cart. */
    async findRecord(tx: Tx, cartId: string, key: string): Promise<string | undefined> {
      const [row] = await tx.sql<{ value: string }[]>`
        select value from claimed_idempotency_records where cart_id = ${cartId} and key = ${key}`;
      return row?.value;
    },

    async save(tx: Tx, { id, version, lines, updatedAt }: Cart): Promise<void> {
      // Two changes in one group commit share its locks, and the second would overwrite the first: the error makes each run alone.
      const { count } = await tx.sql`
        update carts set version = ${version}, lines = ${json(tx, lines)}, updated_at = ${updatedAt}
        where id = ${id} and version < ${version}`;
      if (count === 0) throw new Error(`cart ${id} was changed in the same transaction`);
    },

    /** Inserts a confirmed order, with the time of the removal if the transaction does it; false if the order was there already. */
    async insertOrder(tx: Tx, orderId: string, removedAt: Date | null): Promise<boolean> {
      return await tx.batch(insertOrders, { orderId, removedAt });
    },

    /** Marks the order's lines as removed in this transaction; false if they were removed already. */
    async markRemoved(tx: Tx, orderId: string): Promise<boolean> {
      const rows = await tx.sql`
        insert into purchased_orders (order_id, removed_at) values (${orderId}, ${new Date()})
        on conflict (order_id) do update set removed_at = excluded.removed_at
        where purchased_orders.removed_at is null returning 1`;
      return rows.length > 0;
    },
  };
}

async function lockAll(tx: Tx, refs: readonly string[]): Promise<(Cart | undefined)[]> {
  const rows = await tx.sql<CartRow[]>`
    select locked.* from ${unnestIds(tx.sql, refs.toSorted())}
    cross join lateral (select ${columns(tx)} from carts where carts.ref = ids.id for update) as locked`;
  const byRef = new Map(rows.map((row) => [refOf(row.id), row]));
  return refs.map((ref) => byRef.get(ref));
}

async function insertOrders(
  { sql }: Tx,
  orders: readonly (typeof purchasedOrders.$inferSelect)[],
): Promise<boolean[]> {
  const rows = await sql<{ orderId: string }[]>`
    insert into purchased_orders (order_id, removed_at)
    select "orderId", "removedAt"
    from jsonb_to_recordset(${sql.json(orders)}) as it ("orderId" text, "removedAt" timestamptz)
    on conflict do nothing returning order_id as "orderId"`;
  const inserted = new Set(rows.map(({ orderId }) => orderId));
  return orders.map(({ orderId }) => inserted.delete(orderId));
}

/** A cart's lines never change in place; the library's type wants a mutable array. */
const json = ({ sql }: Tx, lines: Cart["lines"]) => sql.json([...lines]);

function columns({ sql }: Pick<Postgres | Tx, "sql">) {
  return sql`id, customer_id as "customerId", version, currency, lines, updated_at as "updatedAt"`;
}
