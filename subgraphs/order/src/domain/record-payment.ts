import type { Ignored, ShopEvent } from "@shop/events";
import { isEnded, note, type Order } from "./order.ts";
import type { Step } from "./transition.ts";

/**
 * The order knows its payment from the first event that names one, whichever that is: after a restore from a backup the
 * provider has attempts, captures, refunds and disputes that this service never asked for. A later attempt than those it
 * knows of is counted, since payment ignores a second request under the same number.
 */
export function withPayment(order: Order, { data }: ShopEvent): Order {
  if (!("paymentId" in data)) return order;
  const { attempt, paymentId } = order.progress;
  return note(order, {
    paymentId: paymentId ?? data.paymentId,
    attempt: "attempt" in data ? Math.max(attempt, data.attempt) : attempt,
  });
}

/** Adds the row of the payment where money was taken that the timeline does not show yet, so that no step is missing. */
export function shownWithPayment(order: Order, step: Step | Ignored): Step | Ignored {
  if ("outcome" in step || isPaymentShown(order)) return step;
  const isPaid = step.says.some(({ type }) => type === "OrderPaid");
  const message = isEnded(order) ? tooLate : authorised;
  const row = { type: "PAYMENT_PROCESSED", status: isPaid ? "PAID" : order.status, message } as const;
  return { ...step, to: note(step.to, { isShownPaid: true }), shows: [row, ...step.shows] };
}

function isPaymentShown({ progress: { money, isShownPaid } }: Order): boolean {
  return money !== "NONE" || isShownPaid === true;
}

export const authorised = "Your payment is authorised.";
export const tooLate = "Your payment came after the order had ended; the money is given back.";
