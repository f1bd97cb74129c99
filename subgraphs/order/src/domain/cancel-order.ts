import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import type { Canceller, CancelOrder } from "./message.ts";
import { isEnded, note, type Order } from "./order.ts";
import { say, type Step } from "./transition.ts";

/** What a wish to cancel meets when it can't be carried out, or not yet. */
export type NotCancelled =
  | "ALREADY_CANCELLED"
  | "CANCELLED_AS_ASKED"
  | "ALREADY_ENDED"
  | "ALREADY_SHIPPED"
  /** A parcel may be leaving at this moment; only shipping knows. */
  | "SHIPPING_MUST_BE_ASKED";

/** The undo of placing an order, until the first parcel has left. Those who hold stock or money for it let go. */
export function cancelOrder(order: Order, { by, reason, request, isCalledOff }: CancelOrder): Step | Ignored {
  if (order.status === "CANCELLED") {
    return asItIs(order.progress.cancelRequest === request ? "CANCELLED_AS_ASKED" : "ALREADY_CANCELLED");
  }
  if (isEnded(order)) return asItIs("ALREADY_ENDED");
  if (order.status === "SHIPPED" || order.status === "DELIVERED") return asItIs("ALREADY_SHIPPED");
  if (order.status === "CONFIRMED" && !isCalledOff) return asItIs("SHIPPING_MUST_BE_ASKED");
  return cancelled(order, by, reason);
}

/** Shipping has stopped all parcels, as this service had asked, and says so in case that it died before it could cancel. */
export function shipmentCalledOff(order: Order, { data }: ShopEvent<"ShipmentCalledOff">): Step | Ignored {
  if (isEnded(order)) return ignored("ALREADY_ENDED");
  if (order.status === "SHIPPED" || order.status === "DELIVERED") return ignored("ALREADY_SHIPPED");
  const { by, reason, request } = data;
  return cancelled(note(order, { cancelRequest: request }), by, reason);
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

function asItIs(reason: NotCancelled): Ignored {
  return ignored(reason);
}
