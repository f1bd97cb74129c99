import type { ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { moneyAtLeast, type Order } from "./order.ts";
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
