import { refOf } from "@shop/values";
import { isEnded, isHeld, note, type Order, type ShipmentRef } from "./order.ts";
import { defaultHoldRules } from "./hold-unpaid.ts";
import { type At, say, type Saying } from "./transition.ts";

/**
 * Takes the order as far as what is known of it allows, so that messages may come in any order: each verb notes its
 * fact, and this alone moves the status forward. An ended order stays where it is.
 */
export function advance(order: Order, at: At): { order: Order; says: Saying[] } {
  const says: Saying[] = [];
  for (let now = order; ;) {
    const next = step(now, at, says);
    if (next === now) return { order: now, says };
    now = next;
  }
}

function step(order: Order, at: At, says: Saying[]): Order {
  if (isEnded(order)) return order;
  const { stock, money, paymentId, shipments } = order.progress;
  switch (order.status) {
    case "CREATED": {
      // Stock that answers after days is not sold at the prices of then: expiry is due, and lets it go.
      if (stock.is !== "RESERVED" || order.expiresAt <= at.now) return order;
      const seconds = order.progress.attempt === 0 ? untriedSeconds(at) : at.expirySeconds;
      const expiresAt = new Date(at.now.getTime() + seconds * 1000);
      return { ...order, status: "AWAITING_PAYMENT", expiresAt };
    }
    case "AWAITING_PAYMENT": {
      if ((money !== "AUTHORISED" && money !== "CAPTURED") || paymentId === null) return order;
      if (stock.is === "YIELDED") return askAgain(order, at, says);
      if (stock.is !== "RESERVED") return order;
      says.push(say("OrderPaid", { orderId: order.id, paymentId }));
      return note({ ...order, status: "PAID", statusReason: null }, { paymentToken: null });
    }
    case "PAID": {
      if (money !== "CAPTURED" || stock.is !== "RESERVED") return order;
      says.push(say("OrderConfirmed", confirmation(order, stock.allocations)));
      // Disputed before there was anything to hold.
      if (isHeld(order)) says.push(say("OrderHoldChanged", { orderId: order.id, isHeld: true }));
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

/** Paid after its stock was given back: it is reserved anew, for which the order gets a minute at least. */
function askAgain(order: Order & { status: "AWAITING_PAYMENT" }, at: At, says: Saying[]): Order {
  const turn = (order.progress.stockTurn ?? 1) + 1;
  const soonest = new Date(at.now.getTime() + 60_000);
  const asking = note(order, { stock: { is: "ASKED" }, stockTurn: turn });
  says.push(stockRequest(asking));
  return { ...asking, expiresAt: order.expiresAt < soonest ? soonest : order.expiresAt } as Order;
}

/** The wish for stock of an order that had given its own back. */
export function stockRequest({ id, lines, address, progress }: Order): Saying {
  const { stockTurn: turn = 1 } = progress;
  return say("StockRequested", { orderId: id, turn, lines, address: { country: address.country } });
}

/** How long stock is set aside where no payment was ever begun; never longer than where one was. */
export function untriedSeconds({ expirySeconds, rules = defaultHoldRules }: At): number {
  return Math.min(expirySeconds, rules.untriedSeconds);
}

/** What the others need to sell, clear the cart, and send. */
export function confirmation(
  { id, customerId, cartId, lines, address, shippingOptionId }: Order,
  allocations: Extract<Order["progress"]["stock"], { is: "RESERVED" }>["allocations"],
) {
  return { orderId: id, customerId, cartRef: refOf(cartId), lines, allocations, address, shippingOptionId };
}

function hasLeft({ status }: ShipmentRef): boolean {
  return status !== "SCHEDULED" && status !== "CANCELLED";
}

/** A cancelled parcel never arrives and isn't waited for. */
function haveArrived(shipments: ShipmentRef[]): boolean {
  const sent = shipments.filter((shipment) => shipment.status !== "CANCELLED");
  return sent.length > 0 && sent.every((shipment) => shipment.status === "DELIVERED");
}
