import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { cancelled } from "./cancel-order.ts";
import { orderConfirmationFailed } from "./events.ts";
import { isEnded, moneyAtLeast, type Order } from "./order.ts";
import type { Transition } from "./transition.ts";

/** The undo: the provider refused the capture for good, so no stock is sold and no parcel sent. */
export function captureFailed(
  order: Order,
  { data }: ShopEvent<"PaymentCaptureFailed">,
): Transition | Ignored {
  // The authorisation outlives a refused capture: until payment says that it is free, reminders repeat the end.
  return failConfirmation(moneyAtLeast(order, "AUTHORISED", data.paymentId), data.reason);
}

/** Ends an order that the money will not reach any more. */
export function failConfirmation(order: Order, reason: string): Transition | Ignored {
  if (isEnded(order)) return { next: order, events: [], timeline: [] };
  if (order.status !== "PAID" && order.status !== "AWAITING_PAYMENT" && order.status !== "CREATED") {
    return ignored("ALREADY_CONFIRMED");
  }
  const message = "The payment could not be completed.";
  const { next, events, timeline } = cancelled(order, "SYSTEM", message);
  return {
    next,
    events: [orderConfirmationFailed(order, reason), ...events],
    timeline: [{ type: "ORDER_CONFIRMATION_FAILED", status: order.status, message }, ...timeline],
  };
}
