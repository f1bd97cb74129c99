import { ignored, type Decision } from "@shop/events";
import type { Money } from "@shop/values";
import { failureEvent, transition, reEmit, totalOf } from "./transition.ts";
import { noFailure, type Payment, type PaymentAttempt } from "./payment.ts";

/** Records the order's amount, and an attempt if one came with the checkout (attempt 1) or with a later request to pay. */
export function recordOrder(state: Payment, total: Money, attempt: PaymentAttempt | null): Decision<Payment> {
  const isNew = state.total === null;
  const known: Payment = isNew ? { ...state, total } : state;
  const queued = attempt ? queueAttempt(known, attempt) : ignored("NO_METHOD");
  if (queued.outcome === "changed") return queued;
  return isNew ? startWhenReady(known) : queued;
}

/** Records that stock is reserved: no attempt begins before. */
export function recordReservation(state: Payment): Decision<Payment> {
  if (state.isReserved) return ignored("ALREADY_RESERVED");
  return startWhenReady({ ...state, isReserved: true });
}

/** Starts the next attempt once stock, amount and method are there; until then only the record changes. */
export function startWhenReady(state: Payment): ReturnType<typeof transition> {
  if (!state.next || !state.isReserved || !state.total || state.ended !== null) return transition(state, {});
  return transition(state, startedBy(state.next));
}

/** The change of state at the start of an attempt. */
export function startedBy({ attempt, token }: PaymentAttempt): Partial<Payment> {
  return { ...noFailure, status: "AUTHORIZING", attempt, token, next: null, clientSecret: null };
}

function queueAttempt(state: Payment, next: PaymentAttempt): Decision<Payment> {
  if (state.ended !== null) return ignored("ORDER_ENDED");
  if (next.attempt <= Math.max(state.attempt, state.next?.attempt ?? 0)) {
    return next.attempt === state.attempt ? reEmitOutcome(state) : ignored("OLD_ATTEMPT");
  }
  switch (state.status) {
    case "AUTHORIZING":
      // Its outcome is unknown yet: a second authorisation beside it could hold the money twice.
      return transition(state, { next });
    case "PENDING":
    case "FAILED":
    case "REQUIRES_ACTION":
      return startWhenReady({ ...state, next });
    default:
      return ignored("ALREADY_PAID");
  }
}

/** Order repeats its request when the attempt's outcome did not reach it. */
export function reEmitOutcome(state: Payment): Decision<Payment> {
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
