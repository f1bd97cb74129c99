import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { orderCancelled } from "./events.ts";
import type { Canceller, CancelOrder } from "./message.ts";
import { isEnded, type Order, withProgress } from "./order.ts";
import type { Transition } from "./transition.ts";

/** Why a CancelOrder command changes nothing, or nothing yet. */
export type NotCancelled =
  | "ALREADY_CANCELLED"
  | "CANCELLED_AS_ASKED"
  | "ALREADY_ENDED"
  | "ALREADY_SHIPPED"
  /** A parcel may be leaving at this moment; only shipping knows. */
  | "SHIPPING_MUST_BE_ASKED";

/** The undo of placing an order, until the first parcel has left. Inventory and payment release its stock and money. */
export function cancelOrder(
  order: Order,
  { by, reason, request, isCalledOff }: CancelOrder,
): Transition | Ignored {
  const tooLate = whyNotCancelled(order);
  if (tooLate === "ALREADY_CANCELLED" && order.progress.cancelRequest === request)
    return refused("CANCELLED_AS_ASKED");
  if (tooLate) return refused(tooLate);
  if (order.status === "CONFIRMED" && !isCalledOff) return refused("SHIPPING_MUST_BE_ASKED");
  return cancelled(order, by, reason);
}

/** Why it is past cancelling; undefined where it may be cancelled, a CONFIRMED order only if shipping can still stop its parcels. */
export function whyNotCancelled(
  order: Order,
): "ALREADY_CANCELLED" | "ALREADY_ENDED" | "ALREADY_SHIPPED" | undefined {
  if (order.status === "CANCELLED") return "ALREADY_CANCELLED";
  if (isEnded(order)) return "ALREADY_ENDED";
  return order.status === "SHIPPED" || order.status === "DELIVERED" ? "ALREADY_SHIPPED" : undefined;
}

/** Shipping has called all parcels off as this service requested; the event covers a crash of this service before it cancelled. */
export function shipmentCalledOff(
  order: Order,
  { data: { by, reason, request } }: ShopEvent<"ShipmentCalledOff">,
): Transition | Ignored {
  if (isEnded(order)) return ignored("ALREADY_ENDED");
  if (order.status === "SHIPPED" || order.status === "DELIVERED") return ignored("ALREADY_SHIPPED");
  return cancelled(withProgress(order, { cancelRequest: request }), by, reason);
}

export function cancelled(order: Order, by: Canceller, reason: string | null): Transition {
  const statusReason = inWords(by, reason);
  return {
    next: withProgress({ ...order, status: "CANCELLED", statusReason }, { paymentToken: null }),
    events: [orderCancelled(order, reason ?? statusReason, by)],
    timeline: [{ type: "ORDER_CANCELLED", status: "CANCELLED", message: statusReason }],
  };
}

function inWords(by: Canceller, reason: string | null): string {
  if (by === "SYSTEM") return reason ?? "The order could not be completed.";
  const who = by === "CUSTOMER" ? "Cancelled by the customer" : "Cancelled by the shop";
  return reason ? `${who}: ${reason}` : `${who}.`;
}

function refused(reason: NotCancelled): Ignored {
  return ignored(reason);
}
