import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { cancelled } from "./cancel-order.ts";
import { orderConfirmationFailed } from "./events.ts";
import { isEnded, moneyAtLeast, type Order } from "./order.ts";
import type { Advanced, DecisionContext, Transition } from "./transition.ts";

/** The money is the shop's: only now inventory sells the stock, cart clears the cart, and shipping begins. */
export function paymentCaptured(
  order: Order,
  { data }: ShopEvent<"PaymentCaptured">,
  context: DecisionContext,
): Transition {
  const advanced = advance(moneyAtLeast(order, "CAPTURED", data.paymentId), context);
  // A capture after the order's end has no row: its refund will have one.
  return { ...advanced, timeline: confirmedRow(advanced) };
}

/** The row of the confirmation, if OrderConfirmed is published: the later one of capture and reservation confirms. */
export function confirmedRow({ next: { status }, events }: Advanced): Transition["timeline"] {
  if (!events.some(({ type }) => type === "OrderConfirmed")) return [];
  const message = "Your payment is complete and your order is confirmed.";
  return [{ type: "ORDER_CONFIRMED", status, message }];
}

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
