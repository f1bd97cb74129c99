import { ignored, type Decision } from "@shop/events";
import { failureEvent, transition, reEmit, totalOf } from "./transition.ts";
import type { Payment } from "./payment.ts";

/** The order has ended unpaid, or refunds its payment: undoes the payment, whatever its state, once. */
export function endOrder(state: Payment, why: string): Decision<Payment> {
  if (state.ended !== null) return reEmitRelease(state);
  const ended = { ended: why, next: null };
  const isOpen = state.intentId !== null;
  switch (state.status) {
    case "PENDING":
      return transition(state, { ...ended, status: "CANCELLED" });
    case "REQUIRES_ACTION":
    case "FAILED":
      // A customer with the client secret could still confirm the intent.
      return transition(state, { ...ended, status: isOpen ? "CLOSING" : "CANCELLED", clientSecret: null });
    case "AUTHORIZED":
    case "CAPTURING":
      return transition(state, { ...ended, status: "VOIDING" });
    case "CAPTURE_FAILED": {
      if (isOpen) return transition(state, { ...ended, status: "VOIDING" });
      // The intent is lost and released as a stray: order waits for word of that.
      const release = { amount: totalOf(state), kind: "VOIDED" } as const;
      return transition(state, { ...ended, status: "VOIDED" }, ["PaymentRefunded", release]);
    }
    case "CAPTURED":
      return transition(state, { ...ended, status: "REFUNDING" });
    // The task finds out how the attempt ended, and its result is undone.
    case "AUTHORIZING":
    case "CLOSING":
    case "VOIDING":
    case "REFUNDING":
    case "CANCELLED":
    case "VOIDED":
    case "REFUNDED":
      return transition(state, ended);
  }
}

/** Order repeats the end when the release did not reach it. */
function reEmitRelease(state: Payment): Decision<Payment> {
  switch (state.status) {
    case "VOIDED":
      return reEmit(state, ["PaymentRefunded", { amount: totalOf(state), kind: "VOIDED" }]);
    case "REFUNDED": {
      const amount = { ...totalOf(state), amount: state.refunded };
      return reEmit(state, ["PaymentRefunded", { amount, kind: "REFUNDED" }]);
    }
    case "CANCELLED":
      // An earlier try of the attempt may have won: order then waits for PaymentFailed.
      if (state.failureCode === null || state.attempt === 0) return ignored("ALREADY_ENDED");
      return reEmit(state, failureEvent(state.attempt, state));
    default:
      return ignored("ALREADY_ENDED");
  }
}
