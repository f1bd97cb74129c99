import { ignored, type Ignored } from "@shop/events";
import type { Canceller } from "./message.ts";
import { isEnded, note, type Order } from "./order.ts";
import { say, type Step } from "./step.ts";

/** The undo of placing an order, until the first parcel has left. Those who hold stock or money for it let go. */
export function cancelOrder(order: Order, by: Canceller, reason: string | null): Step | Ignored {
  if (order.status === "CANCELLED") return ignored("ALREADY_CANCELLED");
  if (isEnded(order)) return ignored("ALREADY_ENDED");
  if (order.status === "SHIPPED" || order.status === "DELIVERED") return ignored("ALREADY_SHIPPED");
  return cancelled(order, by, reason);
}

export function cancelled(order: Order, by: Canceller, reason: string | null): Step {
  const statusReason = inWords(by, reason);
  const to = note({ ...order, status: "CANCELLED", statusReason }, { paymentToken: null });
  return {
    to,
    says: [say("OrderCancelled", { orderId: order.id, reason: reason ?? statusReason, by })],
    shows: [{ type: "ORDER_CANCELLED", status: "CANCELLED", message: statusReason }],
  };
}

function inWords(by: Canceller, reason: string | null): string {
  if (by === "SYSTEM") return reason ?? "The order could not be completed.";
  const who = by === "CUSTOMER" ? "Cancelled by the customer" : "Cancelled by the shop";
  return reason ? `${who}: ${reason}` : `${who}.`;
}
