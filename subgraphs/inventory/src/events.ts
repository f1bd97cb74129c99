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
import * as tell from "./domain/tell.ts";
import { defaultHoldRules, type HoldRules } from "./domain/hold-unpaid.ts";
import { learnItems, release, reserve, sell, yieldStock, type Reservation } from "./store.ts";

/** Order's news, and what they do to the stock; the rules bound what orders may hold that nobody is paying. */
export function hearing(rules: HoldRules): EventHandlers {
  return {
    OrderInitiated: (tx, { id, data }) => {
      const { orderId, lines, address, isUnpaid = false } = data;
      return reserveForOrder(tx, id, {
        orderId,
        lines,
        destination: address.country,
        turn: 1,
        isUnpaid,
        rules,
      });
    },
    StockRequested: (tx, { id, data }) => {
      const { orderId, lines, address, turn } = data;
      return reserveForOrder(tx, id, {
        ...{ orderId, lines, destination: address.country, turn, isUnpaid: false, rules },
      });
    },
    StockYielded: yieldFromOrder,
    OrderConfirmed: sellToOrder,
    OrderRejected: releaseFromOrder,
    OrderCancelled: releaseFromOrder,
    OrderExpired: releaseFromOrder,
    OrderConfirmationFailed: releaseFromOrder,
  };
}

/** With the rules that are in force where nothing else is configured. */
export const handlers: EventHandlers = hearing(defaultHoldRules);

type ProductNews = "ProductPublished" | "ProductChanged" | "ProductArchived";

/** Which SKUs there are, and whose they are. */
export const projection: Projection<ProductNews> = {
  types: ["ProductPublished", "ProductChanged", "ProductArchived"],
  batch: (tx, events) =>
    learnItems(
      tx,
      events.map((event) => event.data.product),
    ),
};

async function reserveForOrder(tx: Tx, causationId: string, wish: Reservation): Promise<Outcome> {
  const did = await tx.batch(reserve, wish);
  if (did.outcome === "ignored") return ignored(did.reason);
  const cause = { orderId: wish.orderId, version: did.version, causationId };
  if (did.outcome === "reserved") tx.publish(...tell.reserved(cause, did, did.stock));
  else tx.publish(...tell.reservationFailed(cause, did));
  return done();
}

async function yieldFromOrder(tx: Tx, { id, data }: ShopEvent<"StockYielded">): Promise<Outcome> {
  const did = await yieldStock(tx, data.orderId, data.turn);
  if (did.outcome === "ignored") return ignored(did.reason);
  tx.publish(...tell.stockChanged(did.stock, id));
  return done();
}

async function sellToOrder(tx: Tx, { data }: ShopEvent<"OrderConfirmed">): Promise<Outcome> {
  const did = await tx.batch(sell, data.orderId);
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
