import { ignored, type Decision } from "@shop/events";
import { move, sayAgain, totalOf } from "./move.ts";
import type { Payment } from "./payment.ts";

/** The order has ended without being paid, or gives its money back: undo whatever there is, once. */
export function endOrder(state: Payment, why: string): Decision<Payment> {
  if (state.ended !== null) return answerAgain(state);
  const ended = { ended: why, next: null };
  switch (state.status) {
    case "PENDING":
      return move(state, { ...ended, status: "CANCELLED" });
    case "AUTHORIZING":
      // Its task finds out what became of the attempt, and its report is undone.
      return move(state, ended);
    case "REQUIRES_ACTION":
    case "FAILED":
      // The intent could still be confirmed by whoever has its client secret.
      return move(state, { ...ended, status: state.intentId ? "CLOSING" : "CANCELLED", clientSecret: null });
    case "AUTHORIZED":
    case "CAPTURING":
      return move(state, { ...ended, status: "VOIDING" });
    case "CAPTURE_FAILED":
      return move(state, { ...ended, status: state.intentId ? "VOIDING" : "CANCELLED" });
    case "CAPTURED":
      return move(state, { ...ended, status: "REFUNDING" });
    case "CLOSING":
    case "VOIDING":
    case "REFUNDING":
    case "CANCELLED":
    case "VOIDED":
    case "REFUNDED":
      return move(state, ended);
  }
}

/** Said again by who has not heard that the money is free. */
function answerAgain(state: Payment): Decision<Payment> {
  switch (state.status) {
    case "VOIDED":
      return sayAgain(state, ["PaymentRefunded", { amount: totalOf(state), kind: "VOIDED" }]);
    case "REFUNDED": {
      const amount = { ...totalOf(state), amount: state.refunded };
      return sayAgain(state, ["PaymentRefunded", { amount, kind: "REFUNDED" }]);
    }
    default:
      return ignored("ALREADY_ENDED");
  }
}
