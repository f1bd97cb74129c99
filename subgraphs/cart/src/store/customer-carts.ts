import { idsTable, type Postgres, type Tx } from "@shop/service";
import { refOf } from "@shop/values";
import type { Cart } from "../domain/cart.ts";

type CustomersCart = Cart & { customerId: string };

/** Customers' carts: one row in Postgres each, changed under its lock. */
export function customerCarts(pg: Postgres) {
  return {
    async find(id: string): Promise<Cart | undefined> {
      const [row] = await pg.sql<CustomersCart[]>`select ${columns(pg)} from carts where id = ${id}`;
      return row;
    },

    /** The current cart of each customer, for many at once. */
    async findCurrent(customerIds: readonly string[]): Promise<Map<string, Cart>> {
      const rows = await pg.sql<CustomersCart[]>`
        select distinct on (customer_id) ${columns(pg)} from carts
        where customer_id = any(${[...customerIds]}) order by customer_id, place desc`;
      return new Map(rows.map((row) => [row.customerId, row]));
    },

    async lock(tx: Tx, id: string): Promise<Cart | undefined> {
      return await tx.batch(lockAll, refOf(id));
    },

    async lockByRef(tx: Tx, ref: string): Promise<Cart | undefined> {
      return await tx.batch(lockAll, ref);
    },

    async isThere(ref: string): Promise<boolean> {
      const rows = await pg.sql`select from carts where ref = ${ref}`;
      return rows.length > 0;
    },

    /** The customer's current cart, locked; others who ask for it wait until the transaction has ended. */
    async lockCurrent(tx: Tx, customerId: string): Promise<Cart | undefined> {
      await tx.sql`select pg_advisory_xact_lock(hashtextextended(${customerId}, 0))`;
      const [row] = await tx.sql<CustomersCart[]>`
        select ${columns(tx)} from carts where customer_id = ${customerId} order by place desc limit 1 for update`;
      return row;
    },

    /** Adds the cart, which becomes the customer's current one. */
    async insert(
      tx: Tx,
      { id, customerId, version, currency, lines, updatedAt }: CustomersCart,
    ): Promise<void> {
      await tx.sql`
        insert into carts (id, customer_id, version, currency, lines, updated_at)
        values (${id}, ${customerId}, ${version}, ${currency}, ${json(tx, lines)}, ${updatedAt})`;
    },

    /** Keeps the receipts that came with a claimed cart, and lets go of those that have had their week. */
    async keepReceipts(tx: Tx, cartId: string, receipts: ReadonlyMap<string, string>): Promise<void> {
      await tx.sql`delete from claimed_receipts where claimed_at < now() - interval '7 days'`;
      await tx.sql`
        insert into claimed_receipts (cart_id, name, value)
        select ${cartId}, name, value
        from unnest(${[...receipts.keys()]}::text[], ${[...receipts.values()]}::text[]) as it (name, value)`;
    },

    /** What was kept under this name while the cart was a guest's. */
    async findReceipt(tx: Tx, cartId: string, name: string): Promise<string | undefined> {
      const [row] = await tx.sql<{ value: string }[]>`
        select value from claimed_receipts where cart_id = ${cartId} and name = ${name}`;
      return row?.value;
    },

    async save(tx: Tx, { id, version, lines, updatedAt }: Cart): Promise<void> {
      // Of two that share a transaction, and so its locks, the second would undo the first: then each is done alone.
      const { count } = await tx.sql`
        update carts set version = ${version}, lines = ${json(tx, lines)}, updated_at = ${updatedAt}
        where id = ${id} and version < ${version}`;
      if (count === 0) throw new Error(`cart ${id} was changed in the same transaction`);
    },

    /** Remembers an order that was heard of, and when it was taken out of its cart, if that is done; false if it was heard of before. */
    async recordOrder(tx: Tx, orderId: string, takenOutAt: Date | null): Promise<boolean> {
      return await tx.batch(recordAll, { orderId, takenOutAt });
    },

    /** Remembers that a task takes the order out in this transaction; false if that was done before. */
    async recordTakenOut(tx: Tx, orderId: string): Promise<boolean> {
      const rows = await tx.sql`
        insert into bought_orders (order_id, taken_out_at) values (${orderId}, ${new Date()})
        on conflict (order_id) do update set taken_out_at = excluded.taken_out_at
        where bought_orders.taken_out_at is null returning 1`;
      return rows.length > 0;
    },
  };
}

async function lockAll(tx: Tx, refs: readonly string[]): Promise<(Cart | undefined)[]> {
  const rows = await tx.sql<CustomersCart[]>`
    select locked.* from ${idsTable(tx.sql, refs.toSorted())}
    cross join lateral (select ${columns(tx)} from carts where carts.ref = ids.id for update) as locked`;
  const byRef = new Map(rows.map((row) => [refOf(row.id), row]));
  return refs.map((ref) => byRef.get(ref));
}

type Heard = { orderId: string; takenOutAt: Date | null };

async function recordAll({ sql }: Tx, orders: readonly Heard[]): Promise<boolean[]> {
  const rows = await sql<{ orderId: string }[]>`
    insert into bought_orders (order_id, taken_out_at)
    select "orderId", "takenOutAt"
    from jsonb_to_recordset(${sql.json(orders)}) as heard ("orderId" text, "takenOutAt" timestamptz)
    on conflict do nothing returning order_id as "orderId"`;
  const fresh = new Set(rows.map(({ orderId }) => orderId));
  return orders.map(({ orderId }) => fresh.delete(orderId));
}

/** A cart's lines never change in place; the library's type wants what may. */
const json = ({ sql }: Tx, lines: Cart["lines"]) => sql.json([...lines]);

function columns({ sql }: Pick<Postgres | Tx, "sql">) {
  return sql`id, customer_id as "customerId", version, currency, lines, updated_at as "updatedAt"`;
}
