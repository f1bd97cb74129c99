import { ignored, type Decision } from "@shop/events";
import type { CallResult } from "./call-result.ts";
import { captured, captureRefused } from "./capture-outcome.ts";
import { endAttempt } from "./end-attempt.ts";
import { transition, totalOf } from "./transition.ts";
import { noFailure, type Payment } from "./payment.ts";

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
