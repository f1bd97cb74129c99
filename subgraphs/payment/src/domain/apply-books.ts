import { changed, ignored, type Changed, type Decision } from "@shop/events";
import { transition, reEmit, totalOf, type OutgoingEvent } from "./transition.ts";
import type { Dispute, Payment } from "./payment.ts";

/** The provider's books of a captured intent, in our minor units. */
export type Books = {
  intentId: string;
  captured: number;
  /** All refunds but failed ones: a pending one is on its way. */
  refunded: number;
  /** The open dispute, else the latest. */
  dispute: Dispute | null;
};

/**
 * Applies refunds and disputes that were made at the provider: the figures follow, and events are published. While our own undo
 * is under way, or done, its task has the last word on refunds. `asOf`: the payment's version before the reading.
 */
export function applyBooks(state: Payment, books: Books, asOf: number): Decision<Payment> {
  if (state.version !== asOf) return ignored("STALE_READING");
  if (books.intentId !== state.intentId) return ignored("NOT_THIS_INTENT");
  const refunds = readRefunds(state, books);
  const dispute = readDispute(refunds?.state ?? state, books.dispute);
  if (!refunds && !dispute) return ignored("NOTHING_NEW");
  const steps = [refunds, dispute].filter((step) => step !== undefined);
  return changed(
    steps.at(-1)?.state ?? state,
    steps.flatMap(({ events }) => events),
    steps.flatMap(({ tasks }) => tasks),
  );
}

function readRefunds(state: Payment, { captured, refunded }: Books): Changed<Payment> | undefined {
  const isOurs = state.ended !== null;
  if (isOurs || (state.status !== "CAPTURED" && state.status !== "REFUNDED")) return undefined;
  if (refunded === state.refunded) return undefined;
  const status = refunded >= captured ? "REFUNDED" : "CAPTURED";
  return transition(state, { status, refunded }, refundEvent({ ...state, status, refunded }));
}

function readDispute(state: Payment, dispute: Dispute | null): Changed<Payment> | undefined {
  const known = state.dispute;
  if (!dispute || (known?.id === dispute.id && known.status === dispute.status)) return undefined;
  return transition(state, { dispute }, disputeEvent({ ...state, dispute }, dispute));
}

/** An order that misses events of its parcels may miss these events as well: re-emits what stands. */
export function reEmitBooks(state: Payment): Decision<Payment> {
  const isRefunded = state.ended === null && state.status === "REFUNDED";
  const outgoing = [
    ...(isRefunded ? [refundEvent(state)] : []),
    ...(state.dispute ? [disputeEvent(state, state.dispute)] : []),
  ];
  if (outgoing.length === 0) return ignored("NOTHING_TO_SAY");
  return changed(
    state,
    outgoing.flatMap((one) => reEmit(state, one).events),
  );
}

function refundEvent(state: Payment): OutgoingEvent {
  const amount = { ...totalOf(state), amount: state.refunded };
  return ["PaymentRefundedAtProvider", { amount, isFull: state.status === "REFUNDED" }];
}

function disputeEvent(state: Payment, { status, reason, amount: minor }: Dispute): OutgoingEvent {
  const amount = { ...totalOf(state), amount: minor };
  return status === "OPEN"
    ? ["PaymentDisputed", { amount, reason }]
    : ["PaymentDisputeClosed", { amount, outcome: status }];
}
