import { ignored, type Decision } from "@shop/events";
import { isSameMoney, type Money } from "@shop/values";
import { failureEvent, transition, totalOf } from "./transition.ts";
import { noFailure, type FailureCode, type Payment } from "./payment.ts";
import { startedBy } from "./start-attempt.ts";

/** The result of a call to the provider. */
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
      /** No call was made, so that no earlier try can have won the order. */
      isUntried?: boolean;
    }
  /** `attempt`: captured by the task of the attempt, which had won the order. */
  | { kind: "captured"; intentId: string; received?: Money | null; attempt?: number }
  | { kind: "capture-refused"; intentId: string; reason: string; attempt?: number }
  | { kind: "voided"; intentId: string }
  /** A stray was to be cancelled and has captured: whether an order owns that must be found out. */
  | { kind: "stray-captured"; intentId: string }
  /** `amount`: all that was refunded so far, in minor units. */
  | { kind: "refunded"; intentId: string; amount: number }
  /** Not all is refunded: a refund is pending, or the last of `failed` refunds has failed. */
  | { kind: "refund-open"; intentId: string; amount: number; failed: number; isPending: boolean };

/** Applies the result of a call; a result that comes late or twice changes nothing. */
export function applyResult(state: Payment, result: CallResult): Decision<Payment> {
  switch (result.kind) {
    case "authorized":
    case "action-required":
    case "declined":
      if (state.status !== "AUTHORIZING" || state.attempt !== result.attempt) return ignored("OLD_ANSWER");
      return endAttempt(state, result);
    case "captured":
    case "capture-refused":
      return endCapture(state, result);
    case "stray-captured":
      return ignored("LEFT_TO_ADOPTION");
    case "refund-open":
      if (state.intentId !== result.intentId) return ignored("NOT_THIS_INTENT");
      return refundPending(state, result.amount);
    case "voided":
    case "refunded":
      if (state.intentId !== result.intentId) return ignored("NOT_THIS_INTENT");
      return released(state, result);
  }
}

type AttemptResult = Extract<CallResult, { kind: "authorized" | "action-required" | "declined" }>;

/** Ends the attempt under way: undoes it if the order has ended meanwhile, and starts the next attempt if there is one. */
export function endAttempt(before: Payment, result: AttemptResult): Decision<Payment> {
  const isGone = result.kind === "declined" && result.isIntentGone === true;
  const state: Payment = {
    ...before,
    token: null,
    intentId: isGone ? null : (result.intentId ?? before.intentId),
    pastIntents: isGone && result.intentId ? withPastIntent(before, result.intentId) : before.pastIntents,
  };
  if (result.kind === "authorized") return authorized(state);
  if (state.ended !== null) return endUnpaid(state, result);
  const { attempt } = result;
  if (result.kind === "action-required") {
    if (state.next) return transition(state, startedBy(state.next));
    const change = { status: "REQUIRES_ACTION", clientSecret: result.clientSecret } as const;
    return transition(state, change, ["PaymentActionRequired", { attempt }]);
  }
  const failed = { status: "FAILED", ...failureOf(result) } as const;
  const change = state.next ? startedBy(state.next) : failed;
  return transition(state, change, failureEvent(attempt, failed));
}

function failureOf({ reason, code = "DECLINED" }: Extract<AttemptResult, { kind: "declined" }>) {
  return { failureReason: reason, failureCode: code };
}

/** The order has ended, and no money is held. An earlier try may have won before that: order then waits for PaymentFailed. */
function endUnpaid(
  state: Payment,
  result: Exclude<AttemptResult, { kind: "authorized" }>,
): Decision<Payment> {
  const status = state.intentId ? "CLOSING" : "CANCELLED";
  if (result.kind === "action-required" || result.isUntried) return transition(state, { status });
  const failure = failureOf(result);
  return transition(state, { status, ...failure }, failureEvent(result.attempt, failure));
}

/** By the capture's own task, or at once by the attempt's, beside which the authorisation may have been found by a reading. */
function endCapture(state: Payment, result: CaptureResult): Decision<Payment> {
  const isWanted = state.status === "CAPTURING" || state.status === "AUTHORIZED";
  if (isWanted && state.intentId === result.intentId) return capturedOrRefused(state, result);
  if (state.status !== "AUTHORIZING" || state.attempt !== result.attempt) return ignored("OLD_ANSWER");
  const { intentId } = result;
  const paid: Payment = { ...state, ...noFailure, intentId, token: null, next: null, clientSecret: null };
  if (state.ended === null) return capturedOrRefused(paid, result);
  // Order has ended after it was won: its reminder and its refund go on from what it knows, so nothing else is published.
  return transition(paid, { status: result.kind === "captured" ? "REFUNDING" : "VOIDING" });
}

type CaptureResult = Extract<CallResult, { kind: "captured" | "capture-refused" }>;

function capturedOrRefused(state: Payment, result: CaptureResult): Decision<Payment> {
  return result.kind === "captured" ? captured(state, result.received) : captureRefused(state, result.reason);
}

/** The money is held. For an order that has ended that is too late: it is published, and so will be its release. */
export function authorized(state: Payment): Decision<Payment> {
  const settled = { ...noFailure, token: null, next: null, clientSecret: null };
  const status = state.ended === null ? "AUTHORIZED" : "VOIDING";
  const data = { attempt: state.attempt, amount: totalOf(state) };
  return transition(state, { ...settled, status }, ["PaymentProcessed", data]);
}

/**
 * The money is captured. Another amount than the total fails the capture: the order undoes itself, and its end refunds what was
 * captured. Staff may have captured a part at the provider, which releases the rest. `received` is null in an unknown currency.
 */
export function captured(state: Payment, received?: Money | null): Decision<Payment> {
  if (received && !isSameMoney(received, totalOf(state))) return captureRefused(state, otherAmount);
  return transition(state, { status: "CAPTURED" }, ["PaymentCaptured", { amount: totalOf(state) }]);
}

const otherAmount = "The provider took another amount than the order's total.";

/** The capture failed for good: the order undoes itself, and its end closes the intent. */
export function captureRefused(state: Payment, reason: string): Decision<Payment> {
  const change = { status: "CAPTURE_FAILED", failureReason: reason, failureCode: "CAPTURE_REFUSED" } as const;
  return transition(state, change, ["PaymentCaptureFailed", { reason }]);
}

export function withPastIntent(state: Payment, intentId: string): string[] {
  return state.pastIntents.includes(intentId) ? state.pastIntents : [...state.pastIntents, intentId];
}

/** Publishes nothing until the refund has succeeded. Moves the version and `updated_at` on, also when nothing is new: it was polled. */
function refundPending(state: Payment, refunded: number): Decision<Payment> {
  switch (state.status) {
    case "CLOSING":
    case "VOIDING":
    case "REFUNDING":
    // A refund can fail after it had succeeded: PaymentRefunded was published too early, and is published once more.
    case "REFUNDED":
      return transition(state, { status: "REFUNDING", refunded });
    default:
      return ignored("OLD_ANSWER");
  }
}

function released(
  state: Payment,
  result: Extract<CallResult, { kind: "voided" | "refunded" }>,
): Decision<Payment> {
  if (state.status !== "CLOSING" && state.status !== "VOIDING" && state.status !== "REFUNDING") {
    return ignored("OLD_ANSWER");
  }
  const { currency } = totalOf(state);
  if (result.kind === "refunded") {
    const amount = { amount: result.amount, currency };
    const change = { status: "REFUNDED", refunded: result.amount } as const;
    return transition(state, change, ["PaymentRefunded", { amount, kind: "REFUNDED" }]);
  }
  // CLOSING held no money, so there is no release to publish.
  if (state.status === "CLOSING") return transition(state, { status: "CANCELLED" });
  return transition(state, { status: "VOIDED" }, [
    "PaymentRefunded",
    { amount: totalOf(state), kind: "VOIDED" },
  ]);
}
