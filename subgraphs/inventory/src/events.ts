import type { ShopEvent } from "@shop/events";
import { done, ignored, parked, type Hears, type Outcome, type Projection, type Tx } from "@shop/service";
import * as tell from "./domain/tell.ts";
import { learnItems, release, reserve, sell } from "./store.ts";

/** Order's news, and what they do to the stock. */
export const hears: Hears = {
  OrderInitiated: reserveForOrder,
  OrderConfirmed: sellToOrder,
  OrderRejected: releaseFromOrder,
  OrderCancelled: releaseFromOrder,
  OrderExpired: releaseFromOrder,
  OrderConfirmationFailed: releaseFromOrder,
};

type ProductNews = "ProductPublished" | "ProductChanged" | "ProductArchived";

/** Which SKUs there are, and whose they are. */
export const projects: Projection<ProductNews> = {
  types: ["ProductPublished", "ProductChanged", "ProductArchived"],
  batch: (tx, events) =>
    learnItems(
      tx,
      events.map((event) => event.data.product),
    ),
};

async function reserveForOrder(tx: Tx, { id, data }: ShopEvent<"OrderInitiated">): Promise<Outcome> {
  const { orderId, lines, address } = data;
  const did = await tx.gather(reserve, { orderId, lines, destination: address.country });
  if (did.outcome === "ignored") return ignored(did.reason);
  const cause = { orderId, version: did.version, causationId: id };
  if (did.outcome === "reserved") tx.publish(...tell.reserved(cause, did.allocations, did.stock));
  else tx.publish(...tell.reservationFailed(cause, did.shortages));
  return done();
}

async function sellToOrder(tx: Tx, { data }: ShopEvent<"OrderConfirmed">): Promise<Outcome> {
  const did = await tx.gather(sell, data.orderId);
  switch (did.outcome) {
    case "sold":
      return done();
    case "ignored":
      return ignored(did.reason);
    // Order confirms only what we reserved, and its events come in order: trying again can't help, a person must look.
    case "parked":
      return parked(did.reason);
  }
}

type CallsOff = "OrderRejected" | "OrderCancelled" | "OrderExpired" | "OrderConfirmationFailed";

async function releaseFromOrder(tx: Tx, { id, data: { orderId } }: ShopEvent<CallsOff>): Promise<Outcome> {
  const did = await release(tx, orderId);
  if (did.outcome === "ignored") return ignored(did.reason);
  const cause = { orderId, version: did.version, causationId: id };
  tx.publish(...tell.released(cause, did.wasSold, did.stock));
  return done();
}
