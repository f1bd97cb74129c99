import { defineTask } from "@shop/service";
import { z } from "zod";
import type { Deps } from "./deps.ts";
import { removePurchasedLines } from "./domain/remove-purchased-lines.ts";

const purchase = z.object({
  cartRef: z.string(),
  orderId: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
});

/** A confirmed order, its cart's reference, and the units that it purchased. */
type Purchase = z.infer<typeof purchase>;

export const removeTask = defineTask("remove-purchased-from-guest-cart", purchase);

const recordTtlS = 30 * 24 * 3600;

/** Removes purchased lines from guest carts after the commit. */
export const tasks = (deps: Pick<Deps, "pg" | "store">) =>
  removeTask.runs(
    async (order) => {
      const { guests } = deps.store;
      const record = { key: `cart:order:${order.orderId}`, value: "removed", ttlS: recordTtlS };
      // Reads the record first: an earlier run may have crashed after it, and the cart may be claimed by now.
      const found = await guests.findByRef(order.cartRef, record);
      if (found.recorded || (await removeFromClaimed(deps, order))) return;
      if (found.isClaimed) throw new Error("the cart is being claimed; it will be a customer's soon");
      let { cart } = found;
      while (cart) {
        const next = removePurchasedLines(cart, order.lines, new Date());
        if (next === cart) return;
        const committed = await guests.commitByRef(order.cartRef, next, record);
        if (committed.outcome === "claimed") throw new Error("the cart is being claimed");
        if (committed.outcome !== "conflict") return;
        // The cart is gone since the read: the next run finds it as a customer's cart, or nothing to remove.
        if (!committed.cart) throw new Error("the cart has just gone");
        cart = committed.cart;
      }
    },
    { concurrency: 16 },
  );

/** Removes the lines if the guest cart was claimed since the order was placed; false if it wasn't. */
async function removeFromClaimed(
  { pg, store: { customers } }: Pick<Deps, "pg" | "store">,
  { cartRef, orderId, lines }: Purchase,
): Promise<boolean> {
  if (!(await customers.exists(cartRef))) return false;
  await pg.transact(async (tx) => {
    const cart = await customers.lock(tx, cartRef);
    if (!cart || !(await customers.markRemoved(tx, orderId))) return;
    const next = removePurchasedLines(cart, lines, new Date());
    if (next !== cart) await customers.save(tx, next);
  });
  return true;
}
