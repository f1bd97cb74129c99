import type { Decision } from "@shop/events";
import type { CallResult } from "./call-result.ts";
import { noFailure, type Payment } from "./payment.ts";
import { startedBy } from "./start-attempt.ts";
import { failureEvent, totalOf, transition } from "./transition.ts";

type AttemptResult = Extract<CallResult, { kind: "authorized" | "action-required" | "declined" }>;

/** Ends the attempt under way, as when its card is declined: undoes it if the order has ended meanwhile, and starts the next attempt if there is one. */
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

/** The money is held. For an order that has ended that is too late: it is published, and so will be its release. */
export function authorized(state: Payment): Decision<Payment> {
  const settled = { ...noFailure, token: null, next: null, clientSecret: null };
  const status = state.ended === null ? "AUTHORIZED" : "VOIDING";
  const data = { attempt: state.attempt, amount: totalOf(state) };
  return transition(state, { ...settled, status }, ["PaymentProcessed", data]);
}

export function withPastIntent(state: Payment, intentId: string): string[] {
  return state.pastIntents.includes(intentId) ? state.pastIntents : [...state.pastIntents, intentId];
}
