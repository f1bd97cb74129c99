import type { Postgres, Tx } from "@shop/service";
import { desc, eq, inArray, isNull } from "drizzle-orm";
import type { Cart } from "../domain/cart.ts";
import { boughtOrders, carts } from "../tables.ts";

/** Customers' carts: one row in Postgres each, changed under its lock. */
export function customerCarts(pg: Postgres) {
  return {
    async find(id: string): Promise<Cart | undefined> {
      const [row] = await pg.db.select().from(carts).where(eq(carts.id, id));
      return row;
    },

    /** The current cart of each customer, for many at once. */
    async findCurrent(customerIds: readonly string[]): Promise<Map<string, Cart>> {
      const rows = await pg.db
        .selectDistinctOn([carts.customerId])
        .from(carts)
        .where(inArray(carts.customerId, [...customerIds]))
        .orderBy(carts.customerId, desc(carts.place));
      return new Map(rows.map((row) => [row.customerId, row]));
    },

    async lock(tx: Tx, id: string): Promise<Cart | undefined> {
      const [row] = await tx.db.select().from(carts).where(eq(carts.id, id)).for("update");
      return row;
    },

    /** The customer's current cart, locked; others who ask for it wait until the transaction has ended. */
    async lockCurrent(tx: Tx, customerId: string): Promise<Cart | undefined> {
      await tx.sql`select pg_advisory_xact_lock(hashtextextended(${customerId}, 0))`;
      const mine = tx.db.select().from(carts).where(eq(carts.customerId, customerId));
      const [row] = await mine.orderBy(desc(carts.place)).limit(1).for("update");
      return row;
    },

    /** Adds the cart, which becomes the customer's current one. */
    async insert(tx: Tx, cart: Cart & { customerId: string }): Promise<void> {
      await tx.db.insert(carts).values(cart);
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
      await tx.db.update(carts).set({ version, lines, updatedAt }).where(eq(carts.id, id));
    },

    /** Remembers an order that was heard of, and when it was taken out of its cart, if that is done; false if it was heard of before. */
    async recordOrder(tx: Tx, orderId: string, takenOutAt: Date | null): Promise<boolean> {
      const order = { orderId, takenOutAt };
      const rows = await tx.db.insert(boughtOrders).values(order).onConflictDoNothing().returning();
      return rows.length > 0;
    },

    /** Remembers that a task takes the order out in this transaction; false if that was done before. */
    async recordTakenOut(tx: Tx, orderId: string): Promise<boolean> {
      const order = { orderId, takenOutAt: new Date() };
      const { orderId: target, takenOutAt } = boughtOrders;
      const rows = await tx.db
        .insert(boughtOrders)
        .values(order)
        .onConflictDoUpdate({ target, set: order, setWhere: isNull(takenOutAt) })
        .returning();
      return rows.length > 0;
    },
  };
}
