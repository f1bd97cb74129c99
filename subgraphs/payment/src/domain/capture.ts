import { ignored, type Decision } from "@shop/events";
import { move } from "./move.ts";
import type { Payment } from "./payment.ts";

/** The payment has won the order: take the money. */
export function capture(state: Payment): Decision<Payment> {
  if (state.ended !== null) return ignored("ORDER_ENDED");
  return state.status === "AUTHORIZED"
    ? move(state, { status: "CAPTURING" })
    : ignored(
        state.status === "CAPTURING" || state.status === "CAPTURED" ? "ALREADY_TAKEN" : "NOT_AUTHORIZED",
      );
}
