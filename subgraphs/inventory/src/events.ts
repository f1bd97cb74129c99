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
import { reservationRequest } from "./domain/reserve.ts";
import { release, reserve, sell, upsertItems, yieldStock } from "./store.ts";

/** The handlers of an order's events; `holdRules` limits what orders may hold that are not being paid. */
export function handlers({ holdRules }: Pick<Deps, "holdRules">): EventHandlers {
  const reserveStock = async (
    tx: Tx,
    event: ShopEvent<"OrderInitiated"> | ShopEvent<"StockRequested">,
  ): Promise<Outcome> => {
    const request = reservationRequest(event);
    const result = await tx.batch(reserve, { ...request, rules: holdRules });
    if (result.outcome === "ignored") return ignored(result.reason);
    const cause = { orderId: request.orderId, version: result.version, causationId: event.id };
    if (result.outcome === "reserved") tx.publish(...inventoryReserved(cause, result, result.stock));
    else tx.publish(...inventoryReservationFailed(cause, result));
    return done();
  };
  return {
    OrderInitiated: reserveStock,
    StockRequested: reserveStock,
    StockYielded: giveBackYielded,
    OrderConfirmed: sellReserved,
    OrderRejected: releaseStock,
    OrderCancelled: releaseStock,
    OrderExpired: releaseStock,
    OrderConfirmationFailed: releaseStock,
  };
}

/** The projection of catalog's products: their SKUs. */
export const projection: Projection<"ProductPublished" | "ProductChanged" | "ProductArchived"> = {
  types: ["ProductPublished", "ProductChanged", "ProductArchived"],
  batch: (tx, events) =>
    upsertItems(
      tx,
      events.map((event) => event.data.product),
    ),
};

async function giveBackYielded(tx: Tx, { id, data }: ShopEvent<"StockYielded">): Promise<Outcome> {
  const result = await yieldStock(tx, data.orderId, data.turn);
  if (result.outcome === "ignored") return ignored(result.reason);
  tx.publish(...stockChanged(result.stock, id));
  return done();
}

async function sellReserved(tx: Tx, { data }: ShopEvent<"OrderConfirmed">): Promise<Outcome> {
  const result = await tx.batch(sell, data.orderId);
  switch (result.outcome) {
    case "sold":
      return done();
    case "ignored":
      return ignored(result.reason);
    // Order confirms only reserved orders, and its events come in order: a retry can't help, an operator must look.
    case "parked":
      return parked(result.reason);
  }
}

type OrderEnded = ShopEvent<"OrderRejected" | "OrderCancelled" | "OrderExpired" | "OrderConfirmationFailed">;

async function releaseStock(tx: Tx, { id, data: { orderId } }: OrderEnded): Promise<Outcome> {
  const result = await release(tx, orderId);
  if (result.outcome === "ignored") return ignored(result.reason);
  const cause = { orderId, version: result.version, causationId: id };
  tx.publish(...inventoryReleased(cause, result.wasSold, result.stock));
  return done();
}
