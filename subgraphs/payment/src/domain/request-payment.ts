import { ignored, type Decision } from "@shop/events";
import type { Money } from "@shop/values";
import { failureNews, move, sayAgain, totalOf } from "./move.ts";
import type { Payment, Wish } from "./payment.ts";

/** The amount, and a payment method if one came with the checkout (attempt 1). */
export function noteOrder(state: Payment, total: Money, wish: Wish | null): Decision<Payment> {
  const isNews = state.total === null;
  const known: Payment = isNews ? { ...state, total } : state;
  const wanted = wish ? wishFor(known, wish) : ignored("NO_METHOD");
  if (wanted.outcome === "changed") return wanted;
  return isNews ? begin(known) : wanted;
}

/** The customer asks to pay with this method. */
export function requestPayment(state: Payment, total: Money, wish: Wish): Decision<Payment> {
  return noteOrder(state, total, wish);
}

/** Only from here on money may be touched. */
export function noteReserved(state: Payment): Decision<Payment> {
  if (state.isReserved) return ignored("ALREADY_RESERVED");
  return begin({ ...state, isReserved: true });
}

/** Begins the waiting attempt if all that it needs is there; else keeps what is new. */
export function begin(state: Payment): ReturnType<typeof move> {
  if (!state.next || !state.isReserved || !state.total || state.ended !== null) return move(state, {});
  return move(state, beginning(state.next));
}

/** What changes when an attempt begins. */
export function beginning({ attempt, token }: Wish): Partial<Payment> {
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

function wishFor(state: Payment, wish: Wish): Decision<Payment> {
  if (state.ended !== null) return ignored("ORDER_ENDED");
  if (wish.attempt <= Math.max(state.attempt, state.next?.attempt ?? 0)) {
    return wish.attempt === state.attempt ? answerAgain(state) : ignored("OLD_ATTEMPT");
  }
  switch (state.status) {
    case "AUTHORIZING":
      // Its outcome is unknown yet: a second authorisation beside it could hold the money twice.
      return move(state, { next: wish });
    case "PENDING":
    case "FAILED":
    case "REQUIRES_ACTION":
      return begin({ ...state, next: wish });
    default:
      return ignored("ALREADY_PAID");
  }
}

/** Asked again for what was tried: order has not heard how it ended. */
function answerAgain(state: Payment): Decision<Payment> {
  const { attempt } = state;
  switch (state.status) {
    case "AUTHORIZED":
      return sayAgain(state, ["PaymentProcessed", { attempt, amount: totalOf(state) }]);
    case "FAILED":
      return sayAgain(state, failureNews(attempt, state));
    case "REQUIRES_ACTION":
      return sayAgain(state, ["PaymentActionRequired", { attempt }]);
    default:
      return ignored("OLD_ATTEMPT");
  }
}
