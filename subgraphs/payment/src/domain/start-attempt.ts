import { ignored, type Decision } from "@shop/events";
import type { Money } from "@shop/values";
import { failureEvent, transition, reEmit, totalOf } from "./transition.ts";
import type { Payment, PaymentAttempt } from "./payment.ts";

/** The amount, and a payment method if one came with the checkout (attempt 1). */
export function recordOrder(state: Payment, total: Money, wish: PaymentAttempt | null): Decision<Payment> {
  const isNews = state.total === null;
  const known: Payment = isNews ? { ...state, total } : state;
  const wanted = wish ? queueAttempt(known, wish) : ignored("NO_METHOD");
  if (wanted.outcome === "changed") return wanted;
  return isNews ? startWhenReady(known) : wanted;
}

/** The customer asks to pay with this method. */
export function requestPayment(state: Payment, total: Money, wish: PaymentAttempt): Decision<Payment> {
  return recordOrder(state, total, wish);
}

/** Only from here on money may be touched. */
export function recordReservation(state: Payment): Decision<Payment> {
  if (state.isReserved) return ignored("ALREADY_RESERVED");
  return startWhenReady({ ...state, isReserved: true });
}

/** Begins the waiting attempt if all that it needs is there; else keeps what is new. */
export function startWhenReady(state: Payment): ReturnType<typeof transition> {
  if (!state.next || !state.isReserved || !state.total || state.ended !== null) return transition(state, {});
  return transition(state, startedBy(state.next));
}

/** What changes when an attempt begins. */
export function startedBy({ attempt, token }: PaymentAttempt): Partial<Payment> {
  return {
    status: "AUTHORIZING",
    attempt,
    token,
    next: null,
    clientSecret: null,
    failureReason: null,
    failureCode: null,
  };
}

function queueAttempt(state: Payment, wish: PaymentAttempt): Decision<Payment> {
  if (state.ended !== null) return ignored("ORDER_ENDED");
  if (wish.attempt <= Math.max(state.attempt, state.next?.attempt ?? 0)) {
    return wish.attempt === state.attempt ? reEmitOutcome(state) : ignored("OLD_ATTEMPT");
  }
  switch (state.status) {
    case "AUTHORIZING":
      // Its outcome is unknown yet: a second authorisation beside it could hold the money twice.
      return transition(state, { next: wish });
    case "PENDING":
    case "FAILED":
    case "REQUIRES_ACTION":
      return startWhenReady({ ...state, next: wish });
    default:
      return ignored("ALREADY_PAID");
  }
}

/** Asked again for what was tried: order has not heard how it ended. */
function reEmitOutcome(state: Payment): Decision<Payment> {
  const { attempt } = state;
  switch (state.status) {
    case "AUTHORIZED":
      return reEmit(state, ["PaymentProcessed", { attempt, amount: totalOf(state) }]);
    case "FAILED":
      return reEmit(state, failureEvent(attempt, state));
    case "REQUIRES_ACTION":
      return reEmit(state, ["PaymentActionRequired", { attempt }]);
    default:
      return ignored("OLD_ATTEMPT");
  }
}
