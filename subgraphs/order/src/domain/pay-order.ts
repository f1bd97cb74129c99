import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { advance, untriedSeconds } from "./advance.ts";
import { defaultHoldRules } from "./hold-unpaid.ts";
import { authorised, tooLate } from "./record-payment.ts";
import { isEnded, isExpiring, moneyAtLeast, note, type Order } from "./order.ts";
import type { Command } from "./message.ts";
import { type At, say, type Step } from "./transition.ts";

/**
 * The customer pays (again): accepted before the stock is set aside, refused once money is held or the order is over, and
 * after so many attempts, since an order is no place to try out cards. The first attempt gives it the whole time to pay.
 */
export function payOrder(
  order: Order,
  { paymentToken, client, payerId }: Extract<Command, { type: "PayOrder" }>,
  at: At,
): Step | Ignored {
  const { maxAttempts } = at.rules ?? defaultHoldRules;
  if (!isExpiring(order) || order.expiresAt <= at.now) return ignored("ORDER_NOT_PAYABLE");
  if (order.progress.money !== "NONE") return ignored("ORDER_NOT_PAYABLE");
  if (order.progress.attempt >= maxAttempts) return ignored("TOO_MANY_ATTEMPTS");
  const attempt = Math.max(order.progress.attempt, 1) + 1;
  const isFirst = order.progress.attempt === 0;
  const moreMs = (at.expirySeconds - untriedSeconds(at)) * 1000;
  const timed =
    isFirst && order.status === "AWAITING_PAYMENT"
      ? { ...order, expiresAt: new Date(order.expiresAt.getTime() + moreMs) }
      : order;
  return {
    to: note(timed, {
      ...{ attempt, paymentToken },
      ...(client === undefined ? {} : { payer: client }),
      ...(payerId === undefined ? {} : { payerId }),
    }),
    shows: [],
    says: [request(order, attempt, paymentToken)],
  };
}

export function request(order: Order, attempt: number, paymentToken: string) {
  return say("PaymentRequested", { orderId: order.id, attempt, paymentToken, total: order.totals.total });
}

export function paymentNeedsCustomer(order: Order): Step {
  const message = isEnded(order)
    ? "Your bank asked you to confirm a payment; it is no longer needed."
    : "Your bank asks you to confirm the payment.";
  return { to: order, says: [], shows: [{ type: "PAYMENT_ACTION_REQUIRED", status: order.status, message }] };
}

/** Authorised. It wins the order unless expiry or a cancel was first; then the payment service lets the money go. */
export function paymentProcessed(order: Order, { data }: ShopEvent<"PaymentProcessed">, at: At): Step {
  const { order: to, says } = advance(moneyAtLeast(order, "AUTHORISED", data.paymentId), at);
  const message = isEnded(to) ? tooLate : authorised;
  // A capture or a refund of it came before, and brought this row.
  if (to.progress.isShownPaid) return { to: note(to, { isShownPaid: false }), says, shows: [] };
  return { to, says, shows: [{ type: "PAYMENT_PROCESSED", status: to.status, message }] };
}

/** Declined; another attempt may follow until the order expires. */
export function paymentFailed(order: Order, { data }: ShopEvent<"PaymentFailed">): Step {
  const message = `The payment was declined: ${data.reason}`;
  const isOpen = order.status === "CREATED" || order.status === "AWAITING_PAYMENT";
  const isLatest = data.attempt >= order.progress.attempt;
  const to = isOpen && isLatest ? note({ ...order, statusReason: message }, { paymentToken: null }) : order;
  return { to, says: [], shows: [{ type: "PAYMENT_FAILED", status: order.status, message }] };
}

/** The undo of both steps of paying, once the order has ended; before that, only an attempt that doesn't count is let go. */
export function paymentRefunded(order: Order, { data }: ShopEvent<"PaymentRefunded">): Step {
  const message =
    data.kind === "REFUNDED"
      ? "Your money is on its way back."
      : "The money that was set aside is free again.";
  const to = isEnded(order) ? moneyAtLeast(order, "RETURNED", data.paymentId) : order;
  return { to, says: [], shows: [{ type: "PAYMENT_REFUNDED", status: order.status, message }] };
}
