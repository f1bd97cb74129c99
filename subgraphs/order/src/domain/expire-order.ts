import { ignored, type Ignored } from "@shop/events";
import { orderExpired } from "./events.ts";
import { isExpiring, type Order, withProgress } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";

/**
 * Unpaid for too long, or without inventory's answer: the stock is released. A faster payment has already moved the order
 * on.
 */
export function expireOrder(order: Order, { now }: DecisionContext): Transition | Ignored {
  if (!isExpiring(order)) return ignored("NOT_AWAITING_PAYMENT");
  if (now < order.expiresAt) return ignored("NOT_DUE");
  const statusReason =
    order.status === "CREATED" ? "The items could not be set aside in time." : "It was not paid in time.";
  return {
    next: withProgress({ ...order, status: "EXPIRED", statusReason }, { paymentToken: null }),
    events: [orderExpired(order)],
    timeline: [{ type: "ORDER_EXPIRED", status: "EXPIRED", message: statusReason }],
  };
}
