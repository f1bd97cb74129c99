import { orderConfirmed, orderHoldChanged, orderPaid, type OutgoingEvent, stockRequested } from "./events.ts";
import { holdsParcels, isEnded, type Order, type ShipmentRef, withProgress } from "./order.ts";
import type { Advanced, DecisionContext } from "./transition.ts";
import { unpaidExpirySeconds } from "./unpaid-deadlines.ts";

/**
 * Moves the order as far as its progress allows, so that messages may arrive in any order: each verb records its fact, and
 * this function alone moves the status forward. An ended order keeps its status.
 */
export function advance(order: Order, context: DecisionContext): Advanced {
  const events: OutgoingEvent[] = [];
  for (let current = order; ;) {
    const next = step(current, context, events);
    if (next === current) return { next, events };
    current = next;
  }
}

function step(order: Order, context: DecisionContext, events: OutgoingEvent[]): Order {
  if (isEnded(order)) return order;
  const { stock, money, paymentId, shipments } = order.progress;
  switch (order.status) {
    case "CREATED": {
      // An InventoryReserved that is days late doesn't sell at the prices of then: the due expiry releases the stock.
      if (stock.status !== "RESERVED" || order.expiresAt <= context.now) return order;
      const seconds = order.progress.attempt === 0 ? unpaidExpirySeconds(context) : context.expirySeconds;
      const expiresAt = order.flashSale
        ? flashExpiry(order.flashSale, context)
        : new Date(context.now.getTime() + seconds * 1000);
      return { ...order, status: "AWAITING_PAYMENT", expiresAt };
    }
    case "AWAITING_PAYMENT": {
      if ((money !== "AUTHORISED" && money !== "CAPTURED") || paymentId === null) return order;
      if (stock.status === "YIELDED") return requestStockAnew(order, context, events);
      if (stock.status !== "RESERVED") return order;
      events.push(orderPaid(order, paymentId));
      return withProgress({ ...order, status: "PAID", statusReason: null }, { paymentToken: null });
    }
    case "PAID": {
      if (money !== "CAPTURED" || stock.status !== "RESERVED") return order;
      events.push(orderConfirmed(order, stock.allocations));
      // A dispute that was opened before there were parcels.
      if (holdsParcels(order)) events.push(orderHoldChanged(order));
      return { ...order, status: "CONFIRMED" };
    }
    case "CONFIRMED":
      return shipments.some(hasLeft) ? { ...order, status: "SHIPPED" } : order;
    case "SHIPPED":
      return haveArrived(shipments) ? { ...order, status: "DELIVERED" } : order;
    case "DELIVERED":
      return order;
  }
}

/** Paid after it yielded its stock: the stock is reserved anew, for which the order gets at least a minute. */
function requestStockAnew(
  order: Order & { status: "AWAITING_PAYMENT" },
  { now }: DecisionContext,
  events: OutgoingEvent[],
): Order {
  const stockTurn = (order.progress.stockTurn ?? 1) + 1;
  const soonest = new Date(now.getTime() + 60_000);
  const requesting = withProgress(order, { stock: { status: "REQUESTED" }, stockTurn });
  events.push(stockRequested(requesting));
  return { ...requesting, expiresAt: order.expiresAt < soonest ? soonest : order.expiresAt } as Order;
}

/** A checkout that was in flight as its hold ran out may still be paid for so long. */
const flashGraceMs = 5_000;

/** The end of the flash hold. */
function flashExpiry({ holdExpiresAt }: NonNullable<Order["flashSale"]>, { now }: DecisionContext): Date {
  return new Date(Math.max(Date.parse(holdExpiresAt), now.getTime() + flashGraceMs));
}

function hasLeft({ status }: ShipmentRef): boolean {
  return status !== "SCHEDULED" && status !== "CANCELLED";
}

/** A cancelled parcel never arrives and isn't awaited. */
function haveArrived(shipments: ShipmentRef[]): boolean {
  const sent = shipments.filter((shipment) => shipment.status !== "CANCELLED");
  return sent.length > 0 && sent.every((shipment) => shipment.status === "DELIVERED");
}
