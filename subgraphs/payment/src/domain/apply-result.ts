import { ignored, type Decision } from "@shop/events";
import { isSameMoney, type Money } from "@shop/values";
import { failureEvent, transition, totalOf } from "./transition.ts";
import type { FailureCode, Payment } from "./payment.ts";
import { startedBy } from "./start-attempt.ts";

/** What the provider answered to a call. */
export type CallResult =
  | { kind: "authorized"; attempt: number; intentId: string }
  | { kind: "action-required"; attempt: number; intentId: string; clientSecret: string }
  | {
      kind: "declined";
      attempt: number;
      intentId: string | null;
      /** The default is DECLINED. */
      code?: FailureCode;
      reason: string;
      isIntentGone?: boolean;
    }
  | { kind: "captured"; intentId: string; received?: Money | null }
  | { kind: "capture-refused"; intentId: string; reason: string }
  | { kind: "voided"; intentId: string }
  /** It was to be let go, and has taken money: whether that is an order's must be found out. */
  | { kind: "stray-captured"; intentId: string }
  /** `amount`: all that was paid back so far, in minor units. */
  | { kind: "refunded"; intentId: string; amount: number }
  /** Asked for, and not all of it has been paid back: it is pending, or the last one of `failed` came to nothing. */
  | { kind: "refund-open"; intentId: string; amount: number; failed: number; isPending: boolean };

/** The one decision on the provider's answers; an answer that comes late or twice changes nothing. */
export function applyResult(state: Payment, answer: CallResult): Decision<Payment> {
  switch (answer.kind) {
    case "authorized":
    case "action-required":
    case "declined":
      if (state.status !== "AUTHORIZING" || state.attempt !== answer.attempt) return ignored("OLD_ANSWER");
      return endAttempt(state, answer);
    case "captured":
    case "capture-refused":
      if (state.status !== "CAPTURING" || state.intentId !== answer.intentId) return ignored("OLD_ANSWER");
      return answer.kind === "captured"
        ? captured(state, answer.received)
        : captureRefused(state, answer.reason);
    case "stray-captured":
      return ignored("LEFT_TO_ADOPTION");
    case "refund-open":
      if (state.intentId !== answer.intentId) return ignored("NOT_THIS_INTENT");
      return refundPending(state, answer.amount);
    case "voided":
    case "refunded":
      if (state.intentId !== answer.intentId) return ignored("NOT_THIS_INTENT");
      return released(state, answer);
  }
}

type AttemptResult = Extract<CallResult, { attempt: number }>;

/** How the attempt under way ended; if the order ended meanwhile it is undone, if another card was given that one is tried. */
export function endAttempt(before: Payment, answer: AttemptResult): Decision<Payment> {
  const isGone = answer.kind === "declined" && answer.isIntentGone === true;
  const state: Payment = {
    ...before,
    token: null,
    intentId: isGone ? null : (answer.intentId ?? before.intentId),
    pastIntents: isGone && answer.intentId ? withPastIntent(before, answer.intentId) : before.pastIntents,
  };
  if (answer.kind === "authorized") return authorized(state);
  if (state.ended !== null) return transition(state, { status: state.intentId ? "CLOSING" : "CANCELLED" });
  const { attempt } = answer;
  if (answer.kind === "action-required") {
    if (state.next) return transition(state, startedBy(state.next));
    const change = { status: "REQUIRES_ACTION", clientSecret: answer.clientSecret } as const;
    return transition(state, change, ["PaymentActionRequired", { attempt }]);
  }
  const failed = {
    status: "FAILED",
    failureReason: answer.reason,
    failureCode: answer.code ?? "DECLINED",
  } as const;
  const change = state.next ? startedBy(state.next) : failed;
  return transition(state, change, failureEvent(attempt, failed));
}

/** The money is held; too late for an order that has ended, whose customer is told of it and of its release. */
export function authorized(state: Payment): Decision<Payment> {
  const settled = { token: null, next: null, clientSecret: null, failureReason: null, failureCode: null };
  const status = state.ended === null ? "AUTHORIZED" : "VOIDING";
  const news = { attempt: state.attempt, amount: totalOf(state) };
  return transition(state, { ...settled, status }, ["PaymentProcessed", news]);
}

/**
 * Money was taken: all of the order's total, or the order undoes itself and its end gives back what was taken. Somebody may have
 * captured a part by hand at the provider, which releases the rest. `received` is null where its currency is unknown.
 */
export function captured(state: Payment, received?: Money | null): Decision<Payment> {
  if (received && !isSameMoney(received, totalOf(state))) return captureRefused(state, otherAmount);
  return transition(state, { status: "CAPTURED" }, ["PaymentCaptured", { amount: totalOf(state) }]);
}

const otherAmount = "The provider took another amount than the order's total.";

/** For good: the order undoes itself, and its end closes the intent. */
export function captureRefused(state: Payment, reason: string): Decision<Payment> {
  const change = { status: "CAPTURE_FAILED", failureReason: reason, failureCode: "CAPTURE_REFUSED" } as const;
  return transition(state, change, ["PaymentCaptureFailed", { reason }]);
}

export function withPastIntent(state: Payment, intentId: string): string[] {
  return state.pastIntents.includes(intentId) ? state.pastIntents : [...state.pastIntents, intentId];
}

/** Not told until it has succeeded. A version more, also when nothing is new: when it was last looked at. */
function refundPending(state: Payment, refunded: number): Decision<Payment> {
  switch (state.status) {
    case "CLOSING":
    case "VOIDING":
    case "REFUNDING":
    // A refund can fail after it had succeeded: the customer was told too early, and is told again.
    case "REFUNDED":
      return transition(state, { status: "REFUNDING", refunded });
    default:
      return ignored("OLD_ANSWER");
  }
}

function released(
  state: Payment,
  answer: Extract<CallResult, { kind: "voided" | "refunded" }>,
): Decision<Payment> {
  if (state.status !== "CLOSING" && state.status !== "VOIDING" && state.status !== "REFUNDING") {
    return ignored("OLD_ANSWER");
  }
  const { currency } = totalOf(state);
  if (answer.kind === "refunded") {
    const amount = { amount: answer.amount, currency };
    const change = { status: "REFUNDED", refunded: answer.amount } as const;
    return transition(state, change, ["PaymentRefunded", { amount, kind: "REFUNDED" }]);
  }
  // Nothing was held while CLOSING, so there is nothing to tell the customer.
  if (state.status === "CLOSING") return transition(state, { status: "CANCELLED" });
  return transition(state, { status: "VOIDED" }, [
    "PaymentRefunded",
    { amount: totalOf(state), kind: "VOIDED" },
  ]);
}
