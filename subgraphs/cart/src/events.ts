import { ignored, type EventData, type ShopEvent } from "@shop/events";
import { done, type Outcome, type Postgres, type Tx } from "@shop/service";
import { refOf } from "@shop/values";
import { z } from "zod";
import { takeOutBought } from "./domain/take-out-bought.ts";
import type { Store } from "./store/index.ts";
import { applyProducts, applyStock } from "./store/variants.ts";

/** The projection: what cart keeps of variants. */
export const projection = {
  types: ["ProductPublished", "ProductChanged", "ProductArchived", "PriceChanged", "StockChanged"] as const,
  async batch(tx: Tx, events: readonly ShopEvent[]): Promise<void> {
    await applyProducts(
      tx,
      events.flatMap(({ data }) => ("product" in data ? [data.product] : [])),
    );
    await applyStock(
      tx,
      events.flatMap((event) => (event.type === "StockChanged" ? [event.data] : [])),
    );
  },
};

/** A confirmed order takes what it bought out of its cart. Orders that end otherwise leave it as it is. */
export const handlers = (store: Store) => ({
  async OrderConfirmed(tx: Tx, { data }: ShopEvent<"OrderConfirmed">): Promise<Outcome> {
    const cart = await store.customers.lockByRef(tx, refIn(data));
    // Order says it again, under another id, while shipping owes it an answer.
    if (!(await store.customers.recordOrder(tx, data.orderId, cart ? new Date() : null))) {
      return ignored("HEARD_BEFORE");
    }
    if (!cart) {
      // Redis is no part of this transaction, and when it is away other orders must not wait for it.
      tx.enqueue("take-out-of-guest-cart", boughtOf(data), { id: `take-out:${data.orderId}` });
      return done();
    }
    const next = takeOutBought(cart, data.lines, new Date());
    if (next === cart) return ignored("NOTHING_LEFT_TO_TAKE_OUT");
    await store.customers.save(tx, next);
    return done();
  },
});

/** What is done after the commit. */
export const tasks = (pg: Postgres, store: Store) => ({
  "take-out-of-guest-cart": {
    concurrency: 16,
    async run({ payload }: { payload: unknown }): Promise<void> {
      const { cartRef, orderId, lines } = bought.parse(payload);
      const receipt = { key: `cart:order:${orderId}`, value: "taken out", lifeS: receiptLifeS };
      // The receipt first: whoever died after it may find the cart claimed by now.
      const found = await store.guests.findByRef(cartRef, receipt);
      if (found.recorded || (await takeOutOfClaimed(pg, store, { cartRef, orderId, lines }))) return;
      if (found.isClaimed) throw new Error("the cart is being claimed; it will be a customer's soon");
      let { cart } = found;
      while (cart) {
        const next = takeOutBought(cart, lines, new Date());
        if (next === cart) return;
        const committed = await store.guests.commitByRef(cartRef, next, receipt);
        if (committed.outcome === "claimed") throw new Error("the cart is being claimed");
        if (committed.outcome !== "moved") return;
        // Gone since it was read: the next try finds it as a customer's, or nothing to do.
        if (!committed.cart) throw new Error("the cart has just gone");
        cart = committed.cart;
      }
    },
  },
});

const receiptLifeS = 30 * 24 * 3600;
const bought = z
  .object({
    cartRef: z.string().optional(),
    // Of a task that a release before has left.
    cartId: z.string().optional(),
    orderId: z.string(),
    lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
  })
  .transform(({ orderId, lines, ...cart }) => ({ orderId, lines, cartRef: refIn(cart) }));

function boughtOf(data: EventData<"OrderConfirmed">): z.infer<typeof bought> {
  const { orderId, lines } = data;
  return { cartRef: refIn(data), orderId, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) };
}

function refIn({ cartRef, cartId }: { cartRef?: string | undefined; cartId?: string | undefined }): string {
  return cartRef ?? refOf(cartId ?? "");
}

/** False unless the guest cart has become a customer's since the order was placed. */
async function takeOutOfClaimed(
  pg: Postgres,
  store: Store,
  { cartRef, orderId, lines }: z.infer<typeof bought>,
): Promise<boolean> {
  if (!(await store.customers.isThere(cartRef))) return false;
  await pg.transact(async (tx) => {
    const cart = await store.customers.lockByRef(tx, cartRef);
    if (!cart || !(await store.customers.recordTakenOut(tx, orderId))) return;
    const next = takeOutBought(cart, lines, new Date());
    if (next !== cart) await store.customers.save(tx, next);
  });
  return true;
}
