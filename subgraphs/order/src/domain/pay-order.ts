import { ignored, type Ignored, type ShopEvent } from "@shop/events";
import { advance, unpaidExpirySeconds } from "./advance.ts";
import { orderPaid, paymentRequested } from "./events.ts";
import { defaultUnpaidRules } from "./hold-unpaid.ts";
import type { Command } from "./message.ts";
import { isEnded, isExpiring, moneyAtLeast, type Order, withProgress } from "./order.ts";
import { authorised, tooLate } from "./record-payment.ts";
import type { DecisionContext, Transition } from "./transition.ts";

/**
 * The customer makes a (further) attempt to pay: accepted before the stock is reserved; refused once money is authorised,
 * the order has ended, or `maxAttempts` are used up, so that stolen cards can't be tried out on one order. The first
 * attempt extends `expiresAt` to the whole time to pay, but for a flash hold, which ends when it ends.
 */
export function payOrder(
  order: Order,
  { paymentToken, client, payerId }: Extract<Command, { type: "PayOrder" }>,
  context: DecisionContext,
): Transition | Ignored {
  const { maxAttempts } = context.rules ?? defaultUnpaidRules;
  if (!isExpiring(order) || order.expiresAt <= context.now) return ignored("ORDER_NOT_PAYABLE");
  if (order.progress.money !== "NONE") return ignored("ORDER_NOT_PAYABLE");
  if (order.progress.attempt >= maxAttempts) return ignored("TOO_MANY_ATTEMPTS");
  const attempt = Math.max(order.progress.attempt, 1) + 1;
  const isFirst = order.progress.attempt === 0;
  const moreMs = (context.expirySeconds - unpaidExpirySeconds(context)) * 1000;
  const extended =
    isFirst && order.status === "AWAITING_PAYMENT" && !order.flashSale
      ? { ...order, expiresAt: new Date(order.expiresAt.getTime() + moreMs) }
      : order;
  return {
    next: withProgress(extended, {
      ...{ attempt, paymentToken },
      ...(client === undefined ? {} : { payer: client }),
      ...(payerId === undefined ? {} : { payerId }),
    }),
    timeline: [],
    events: [paymentRequested(order, attempt, paymentToken)],
  };
}

export function paymentNeedsCustomer(order: Order): Transition {
  const message = isEnded(order)
    ? "Your bank asked you to confirm a payment; it is no longer needed."
    : "Your bank asks you to confirm the payment.";
  const row = { type: "PAYMENT_ACTION_REQUIRED", status: order.status, message } as const;
  return { next: order, events: [], timeline: [row] };
}

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

/** Declined; another attempt may follow until the order expires. */
export function paymentFailed(order: Order, { data }: ShopEvent<"PaymentFailed">): Transition {
  const message = `The payment was declined: ${data.reason}`;
  const isOpen = order.status === "CREATED" || order.status === "AWAITING_PAYMENT";
  const isLatest = data.attempt >= order.progress.attempt;
  const next =
    isOpen && isLatest ? withProgress({ ...order, statusReason: message }, { paymentToken: null }) : order;
  return { next, events: [], timeline: [{ type: "PAYMENT_FAILED", status: order.status, message }] };
}

/** Payment repeats a failure to an order that has ended, since that may have won by this attempt and wait for the money. */
export function failureRepeated(order: Order, { data }: ShopEvent<"PaymentFailed">): Ignored | undefined {
  const alike = order.progress.processedKeys.filter((key) =>
    key.startsWith(`PaymentFailed:${data.attempt}:`),
  );
  return isEnded(order) && alike.length > 1 ? ignored("ALREADY_SHOWN") : undefined;
}

/** The undo of authorisation and capture, once the order has ended; before that, only of an attempt that doesn't count. */
export function paymentRefunded(order: Order, { data }: ShopEvent<"PaymentRefunded">): Transition {
  const message =
    data.kind === "REFUNDED"
      ? "Your money is on its way back."
      : "The money that was set aside is free again.";
  const next = isEnded(order) ? moneyAtLeast(order, "RETURNED", data.paymentId) : order;
  return { next, events: [], timeline: [{ type: "PAYMENT_REFUNDED", status: order.status, message }] };
}
