import type { Postgres, Tx } from "@shop/service";
import { desc, eq, inArray } from "drizzle-orm";
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

    async save(tx: Tx, { id, version, lines, updatedAt }: Cart): Promise<void> {
      await tx.db.update(carts).set({ version, lines, updatedAt }).where(eq(carts.id, id));
    },

    /** Remembers that the order has been handled; false if it had been. */
    async recordBought(tx: Tx, orderId: string): Promise<boolean> {
      const rows = await tx.db.insert(boughtOrders).values({ orderId }).onConflictDoNothing().returning();
      return rows.length > 0;
    },
  };
}
