import type { Ignored, ShopEvent } from "@shop/events";
import { isEnded, type Order, withProgress } from "./order.ts";
import type { Transition } from "./transition.ts";

/**
 * Records the payment from the first event that names one, of any type: after a restore from a backup the provider has
 * attempts, captures, refunds and disputes that this service never requested. An attempt later than the known ones is
 * counted, since payment ignores a second request under the same number.
 */
export function recordPayment(order: Order, { data }: ShopEvent): Order {
  if (!("paymentId" in data)) return order;
  const { attempt, paymentId } = order.progress;
  return withProgress(order, {
    paymentId: paymentId ?? data.paymentId,
    attempt: "attempt" in data ? Math.max(attempt, data.attempt) : attempt,
  });
}

/** Adds the row of the payment where money was taken before the timeline shows one, so that no step is missing. */
export function withPaymentRow(order: Order, transition: Transition | Ignored): Transition | Ignored {
  if ("outcome" in transition || isPaymentShown(order)) return transition;
  const { next, events, timeline } = transition;
  const isPaid = events.some(({ type }) => type === "OrderPaid");
  const message = isEnded(order) ? tooLate : authorised;
  const row = { type: "PAYMENT_PROCESSED", status: isPaid ? "PAID" : order.status, message } as const;
  return { events, next: withProgress(next, { isShownPaid: true }), timeline: [row, ...timeline] };
}

function isPaymentShown({ progress: { money, isShownPaid } }: Order): boolean {
  return money !== "NONE" || isShownPaid === true;
}

export const authorised = "Your payment is authorised.";
export const tooLate = "Your payment came after the order had ended; the money is given back.";
