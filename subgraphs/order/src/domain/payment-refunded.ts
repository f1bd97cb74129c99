import type { ShopEvent } from "@shop/events";
import { isEnded, moneyAtLeast, type Order } from "./order.ts";
import type { Transition } from "./transition.ts";

/** The undo of authorisation and capture, once the order has ended; before that, only of an attempt that doesn't count. */
export function paymentRefunded(order: Order, { data }: ShopEvent<"PaymentRefunded">): Transition {
  const message =
    data.kind === "REFUNDED"
      ? "Your money is on its way back."
      : "The money that was set aside is free again.";
  const next = isEnded(order) ? moneyAtLeast(order, "RETURNED", data.paymentId) : order;
  return { next, events: [], timeline: [{ type: "PAYMENT_REFUNDED", status: order.status, message }] };
}
