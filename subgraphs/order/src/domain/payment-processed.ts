import type { ShopEvent } from "@shop/events";
import { advance } from "./advance.ts";
import { orderPaid } from "./events.ts";
import { isEnded, moneyAtLeast, type Order, withProgress } from "./order.ts";
import { authorised, tooLate } from "./record-payment.ts";
import type { DecisionContext, Transition } from "./transition.ts";

/** Authorised: the payment wins the order unless expiry or a cancel came first; in that case payment voids it. */
export function paymentProcessed(
  order: Order,
  { data }: ShopEvent<"PaymentProcessed">,
  context: DecisionContext,
): Transition {
  const advanced = advance(moneyAtLeast(order, "AUTHORISED", data.paymentId), context);
  const { next } = advanced;
  const { wonBy, money } = order.progress;
  // It had won by its request, whose reply may be lost: payment captures once it has OrderPaid.
  const isWaiting = wonBy !== undefined && order.status === "PAID" && money === "AUTHORISED";
  const events = isWaiting ? [...advanced.events, orderPaid(next, data.paymentId)] : advanced.events;
  if (wonBy === data.attempt) return { next, events, timeline: [] };
  const message = isEnded(next) ? tooLate : authorised;
  // The payment's capture or refund arrived first, and added this row.
  if (next.progress.isShownPaid) {
    return { next: withProgress(next, { isShownPaid: false }), events, timeline: [] };
  }
  return { next, events, timeline: [{ type: "PAYMENT_PROCESSED", status: next.status, message }] };
}
