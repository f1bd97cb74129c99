import { ignored, type Decision } from "@shop/events";
import { captureRefused } from "./capture-outcome.ts";
import { transition, reEmit, totalOf } from "./transition.ts";
import { reEmitOutcome } from "./start-attempt.ts";
import type { Payment } from "./payment.ts";

/** The order is paid by this payment: captures it. Order repeats its event when the outcome did not reach it. */
export function beginCapture(state: Payment): Decision<Payment> {
  if (state.ended !== null) return ignored("ORDER_ENDED");
  switch (state.status) {
    case "AUTHORIZED":
      return transition(state, { status: "CAPTURING" });
    case "CAPTURED":
      return reEmit(state, ["PaymentCaptured", { amount: totalOf(state) }]);
    case "CAPTURE_FAILED":
      return reEmit(state, ["PaymentCaptureFailed", { reason: state.failureReason ?? "Refused." }]);
    case "FAILED":
    case "REQUIRES_ACTION":
      // An earlier try of the attempt had won, and then lost the money: order needs that answer.
      return reEmitOutcome(state);
    case "PENDING":
      // Order knows an authorisation that a restored database has lost; the reconciler found it as a stray and released it.
      if (state.pastIntents.length === 0) return ignored("NOT_AUTHORIZED");
      return captureRefused(state, "The payment was lost before the money was taken.");
    default:
      return ignored(state.status === "CAPTURING" ? "ALREADY_TAKEN" : "NOT_AUTHORIZED");
  }
}
