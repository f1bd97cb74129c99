import { ignored, type Ignored, type RequestReply, type ShopEvent } from "@shop/events";
import { isSameMoney } from "@shop/values";
import { advance } from "./advance.ts";
import { failConfirmation } from "./capture-failed.ts";
import type { WinOrder } from "./message.ts";
import { isEnded, isExpiring, moneyAtLeast, type Order, withProgress } from "./order.ts";
import { paymentFailed } from "./payment-failed.ts";
import { paymentNeedsCustomer } from "./payment-needs-customer.ts";
import { authorised } from "./record-payment.ts";
import type { DecisionContext, OrderDecision, Transition } from "./transition.ts";

/** Why a payment that asks has not won the order, or not by this request. */
type NotWon =
  | "ORDER_ENDED"
  | "ALREADY_WON"
  /** Paid by another attempt, or by this one's event. */
  | "ALREADY_PAID"
  | "NOT_RESERVED"
  | "OTHER_AMOUNT"
  /** This attempt has failed, or a later one has an outcome: the request comes from a worker that was held up. */
  | "ATTEMPT_OVER";

/**
 * The money is held, and payment asks to win the order against expiry and cancel, before it captures. What PaymentProcessed
 * decides, without OrderPaid: the reply says it. Whatever can't be decided now is left to that event.
 */
export function winOrder(
  order: Order,
  { paymentId, attempt, amount }: WinOrder,
  context: DecisionContext,
): Transition | Ignored {
  const { progress } = order;
  if (isEnded(order)) return notWon("ORDER_ENDED");
  if (!isExpiring(order)) return notWon(progress.wonBy === attempt ? "ALREADY_WON" : "ALREADY_PAID");
  if (order.status === "CREATED" || progress.stock.status !== "RESERVED") return notWon("NOT_RESERVED");
  if (!isSameMoney(amount, order.totals.total)) return notWon("OTHER_AMOUNT");
  if (isOver(order, attempt)) return notWon("ATTEMPT_OVER");
  const winning = withProgress(order, {
    wonBy: attempt,
    attempt: Math.max(progress.attempt, attempt),
    ...(progress.isShownPaid && { isShownPaid: false }),
    // Like the event's own key, by which a payer who waits finds the outcome of the attempt.
    processedKeys: [...progress.processedKeys, `PaymentProcessed:${attempt}:won`],
  });
  const { next, events } = advance(moneyAtLeast(winning, "AUTHORISED", paymentId), context);
  const row = { type: "PAYMENT_PROCESSED", status: next.status, message: authorised } as const;
  return {
    next,
    events: events.filter(({ type }) => type !== "OrderPaid"),
    timeline: progress.isShownPaid ? [] : [row],
  };
}

function isOver({ progress: { processedKeys } }: Order, attempt: number): boolean {
  return processedKeys.some((key) => {
    const [type, of] = key.split(":");
    return (
      outcomes.has(type ?? "") &&
      (Number(of) > attempt || (type === "PaymentFailed" && Number(of) === attempt))
    );
  });
}

const outcomes = new Set(["PaymentProcessed", "PaymentFailed", "PaymentActionRequired"]);

/** The reply of order to the payment that asks. */
export function replyToWin(decision: OrderDecision): RequestReply<"order.win"> {
  if (decision.outcome === "changed" || decision.reason === "ALREADY_WON") return { outcome: "won" };
  const { reason } = decision;
  return { outcome: reason === "ORDER_ENDED" ? "lost" : "not-yet", reason };
}

/**
 * The undo: the attempt that won was lost before its capture, as when payment died after it had won, and the bank let the
 * authorisation lapse meanwhile. Payment makes attempts one after another, so a later one's outcome says the same.
 */
export function winnerLost(
  order: Order,
  event: ShopEvent<"PaymentFailed" | "PaymentActionRequired">,
): Transition | Ignored | undefined {
  const { paymentId, attempt } = event.data;
  const { wonBy, money } = order.progress;
  if (wonBy === undefined || attempt < wonBy || money !== "AUTHORISED") return undefined;
  const isFailed = event.type === "PaymentFailed";
  const shown = isFailed ? paymentFailed(order, event) : paymentNeedsCustomer(order);
  const reason = isFailed ? event.data.reason : "The payment was lost before the money was taken.";
  const undone = failConfirmation(moneyAtLeast(order, "RETURNED", paymentId), reason);
  return "outcome" in undone ? undone : { ...undone, timeline: [...shown.timeline, ...undone.timeline] };
}

function notWon(reason: NotWon): Ignored {
  return ignored(reason);
}
