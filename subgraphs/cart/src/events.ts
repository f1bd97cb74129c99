import { ignored, type EventData, type ShopEvent } from "@shop/events";
import { done, type Outcome, type Tx } from "@shop/service";
import { refOf } from "@shop/values";
import type { Deps } from "./deps.ts";
import { removePurchasedLines } from "./domain/remove-purchased-lines.ts";
import { applyProducts, applySales, applyStock } from "./store/variants.ts";
import { removeTask } from "./tasks.ts";

/** The projection of variants: titles, pictures, prices, weights, stock, flash sales. */
export const projection = ({ rebuild }: Pick<Deps, "rebuild">) => ({
  types: [
    "ProductPublished",
    "ProductChanged",
    "ProductArchived",
    "PriceChanged",
    "StockChanged",
    "FlashSaleChanged",
  ] as const,
  async batch(tx: Tx, events: readonly ShopEvent[]): Promise<void> {
    const products = events.flatMap(({ data }) => ("product" in data ? [data.product] : []));
    await applyProducts(tx, products);
    const stock = events.flatMap((event) => (event.type === "StockChanged" ? [event.data] : []));
    await applyStock(tx, stock);
    const sales = events.flatMap((event) =>
      event.type === "FlashSaleChanged" ? [{ ...event.data, version: event.aggregate.version }] : [],
    );
    await applySales(tx, sales);
  },
  missed: rebuild.again,
});

/** A confirmed order removes its lines from its cart. An order that ends otherwise leaves the cart as it is. */
export const handlers = ({ store: { customers } }: Pick<Deps, "store">) => ({
  async OrderConfirmed(tx: Tx, { data }: ShopEvent<"OrderConfirmed">): Promise<Outcome> {
    const purchase = purchaseOf(data);
    const cart = await customers.lock(tx, purchase.cartRef);
    // Order publishes the event again, as a reminder under another id, while shipping's answer is overdue.
    if (!(await customers.insertOrder(tx, data.orderId, cart ? new Date() : null))) {
      return ignored("DUPLICATE_ORDER");
    }
    if (!cart) {
      // A task, because Redis is no part of this transaction, and its outage must not delay other orders.
      removeTask.enqueue(tx, purchase, { id: `remove-purchased:${data.orderId}` });
      return done();
    }
    const next = removePurchasedLines(cart, data.lines, new Date());
    if (next === cart) return ignored("NO_PURCHASED_LINES_LEFT");
    await customers.save(tx, next);
    return done();
  },
});

function purchaseOf({ orderId, cartRef, cartId, lines }: EventData<"OrderConfirmed">) {
  const units = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return { cartRef: cartRef ?? refOf(cartId ?? ""), orderId, lines: units };
}
