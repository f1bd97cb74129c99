import { ignored, type Ignored } from "@shop/events";
import { isExpiring, note, type Order } from "./order.ts";
import { type At, say, type Step } from "./transition.ts";

/**
 * Unpaid, or without an answer about its stock, for too long: the stock goes back. A payment that was faster has already
 * moved the order on.
 */
export function expireOrder(order: Order, at: At): Step | Ignored {
  if (!isExpiring(order)) return ignored("NOT_AWAITING_PAYMENT");
  if (at.now < order.expiresAt) return ignored("NOT_DUE");
  const statusReason =
    order.status === "CREATED" ? "The items could not be set aside in time." : "It was not paid in time.";
  return {
    to: note({ ...order, status: "EXPIRED", statusReason }, { paymentToken: null }),
    says: [say("OrderExpired", { orderId: order.id })],
    shows: [{ type: "ORDER_EXPIRED", status: "EXPIRED", message: statusReason }],
  };
}
