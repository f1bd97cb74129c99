import { ignored, type Ignored } from "@shop/events";
import { paymentRequested } from "./events.ts";
import type { Command } from "./message.ts";
import { isExpiring, type Order, withProgress } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";
import { defaultUnpaidRules, unpaidExpirySeconds } from "./unpaid-deadlines.ts";

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
  const refused = whyNotPaid(order, context);
  if (refused) return ignored(refused);
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

/** Why PayOrder would change nothing at this moment; undefined where it would begin an attempt. */
export function whyNotPaid(
  order: Order,
  { now, rules = defaultUnpaidRules }: Pick<DecisionContext, "now" | "rules">,
): "ORDER_NOT_PAYABLE" | "TOO_MANY_ATTEMPTS" | undefined {
  if (!isExpiring(order) || order.expiresAt <= now) return "ORDER_NOT_PAYABLE";
  if (order.progress.money !== "NONE") return "ORDER_NOT_PAYABLE";
  return order.progress.attempt >= rules.maxAttempts ? "TOO_MANY_ATTEMPTS" : undefined;
}
