import type { ShopEvent } from "@shop/events";
import {
  done,
  ignored,
  parked,
  type EventHandlers,
  type Outcome,
  type Projection,
  type Tx,
} from "@shop/service";
import type { Deps } from "./deps.ts";
import {
  inventoryReleased,
  inventoryReservationFailed,
  inventoryReserved,
  stockChanged,
} from "./domain/events.ts";
import { reservationRequest } from "./domain/reservation-request.ts";
import { releaseStock, yieldStock } from "./store/release-stock.ts";
import { reserveStock } from "./store/reserve-stock.ts";
import { sellStock } from "./store/sell-stock.ts";
import { upsertItems } from "./store/upsert-items.ts";
import { upsertTier } from "./store/upsert-tier.ts";

/** The handlers of an order's events; `holdRules` limits what orders may hold that are not being paid. */
export function handlers({ holdRules, changes }: Pick<Deps, "holdRules" | "changes">): EventHandlers {
  const reserveForOrder = async (
    tx: Tx,
    event: ShopEvent<"OrderInitiated"> | ShopEvent<"StockRequested">,
  ): Promise<Outcome> => {
    const request = reservationRequest(event);
    const result = await tx.batch(reserveStock, { ...request, rules: holdRules });
    if (result.outcome === "ignored") return ignored(result.reason);
    const cause = { orderId: request.orderId, version: result.version, causationId: event.id };
    if (result.outcome === "reserved") {
      tx.publish(...inventoryReserved(cause, result, result.stock));
      changes.note(tx, { stock: result.stock });
    } else tx.publish(...inventoryReservationFailed(cause, result));
    return done();
  };

  const yieldForOrder = async (tx: Tx, { id, data }: ShopEvent<"StockYielded">): Promise<Outcome> => {
    const result = await yieldStock(tx, data.orderId, data.turn);
    if (result.outcome === "ignored") return ignored(result.reason);
    tx.publish(...stockChanged(result.stock, id));
    changes.note(tx, { stock: result.stock });
    return done();
  };

  const sellForOrder = async (tx: Tx, { data }: ShopEvent<"OrderConfirmed">): Promise<Outcome> => {
    const result = await tx.batch(sellStock, data.orderId);
    switch (result.outcome) {
      case "sold":
        changes.note(tx, { flash: result.flash });
        return done();
      case "ignored":
        return ignored(result.reason);
      // Order confirms only reserved orders, and its events come in order: a retry can't help, an operator must look.
      case "parked":
        return parked(result.reason);
    }
  };

  const releaseForOrder = async (tx: Tx, event: OrderEnded): Promise<Outcome> => {
    const { orderId } = event.data;
    const result = await releaseStock(tx, orderId, ticketEndOf(event));
    if (result.outcome === "ignored") return ignored(result.reason);
    const cause = { orderId, version: result.version, causationId: event.id };
    tx.publish(...inventoryReleased(cause, result.wasSold, result.stock));
    changes.note(tx, { stock: result.stock, flash: result.flash });
    return done();
  };

  return {
    OrderInitiated: reserveForOrder,
    StockRequested: reserveForOrder,
    StockYielded: yieldForOrder,
    OrderConfirmed: sellForOrder,
    OrderRejected: releaseForOrder,
    OrderCancelled: releaseForOrder,
    OrderExpired: releaseForOrder,
    OrderConfirmationFailed: releaseForOrder,
    UserTierChanged: noteTier,
  };
}

/** The projection of catalog's products: their SKUs. */
export function projection({
  stock,
}: Pick<Deps, "stock">): Projection<"ProductPublished" | "ProductChanged" | "ProductArchived"> {
  return {
    types: ["ProductPublished", "ProductChanged", "ProductArchived"],
    async batch(tx, events) {
      const products = events.map((event) => event.data.product);
      await upsertItems(tx, products);
      // An archived variant can't be bought, whatever its stock.
      const variantIds = products.flatMap(({ variants }) => variants.map(({ variantId }) => variantId));
      tx.afterCommit(() => stock.forget(variantIds));
    },
  };
}

async function noteTier(tx: Tx, { data, aggregate }: ShopEvent<"UserTierChanged">): Promise<Outcome> {
  return (await upsertTier(tx, data, aggregate.version)) ? done() : ignored("OLDER_THAN_KNOWN");
}

type OrderEnded = ShopEvent<"OrderRejected" | "OrderCancelled" | "OrderExpired" | "OrderConfirmationFailed">;

/** What a flash-sale ticket becomes by the end of its order: only its own customer leaves. */
function ticketEndOf(event: OrderEnded): "LEFT" | "EXPIRED" {
  return event.type === "OrderCancelled" && event.data.by === "CUSTOMER" ? "LEFT" : "EXPIRED";
}
