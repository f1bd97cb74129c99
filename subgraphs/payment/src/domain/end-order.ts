import { ignored, type Decision } from "@shop/events";
import { transition, reEmit, totalOf } from "./transition.ts";
import type { Payment } from "./payment.ts";

/** The order has ended without being paid, or gives its money back: undo whatever there is, once. */
export function endOrder(state: Payment, why: string): Decision<Payment> {
  if (state.ended !== null) return reEmitRelease(state);
  const ended = { ended: why, next: null };
  switch (state.status) {
    case "PENDING":
      return transition(state, { ...ended, status: "CANCELLED" });
    case "AUTHORIZING":
      // Its task finds out what became of the attempt, and its report is undone.
      return transition(state, ended);
    case "REQUIRES_ACTION":
    case "FAILED":
      // The intent could still be confirmed by whoever has its client secret.
      return transition(state, {
        ...ended,
        status: state.intentId ? "CLOSING" : "CANCELLED",
        clientSecret: null,
      });
    case "AUTHORIZED":
    case "CAPTURING":
      return transition(state, { ...ended, status: "VOIDING" });
    case "CAPTURE_FAILED":
      return transition(state, { ...ended, status: state.intentId ? "VOIDING" : "CANCELLED" });
    case "CAPTURED":
      return transition(state, { ...ended, status: "REFUNDING" });
    case "CLOSING":
    case "VOIDING":
    case "REFUNDING":
    case "CANCELLED":
    case "VOIDED":
    case "REFUNDED":
      return transition(state, ended);
  }
}

/** Said again by who has not heard that the money is free. */
function reEmitRelease(state: Payment): Decision<Payment> {
  switch (state.status) {
    case "VOIDED":
      return reEmit(state, ["PaymentRefunded", { amount: totalOf(state), kind: "VOIDED" }]);
    case "REFUNDED": {
      const amount = { ...totalOf(state), amount: state.refunded };
      return reEmit(state, ["PaymentRefunded", { amount, kind: "REFUNDED" }]);
    }
    default:
      return ignored("ALREADY_ENDED");
  }
}
