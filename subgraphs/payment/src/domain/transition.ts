import { changed, event, type Changed, type EventData, type NewEvent, type NewTask } from "@shop/events";
import type { Money } from "@shop/values";
import type { FailureCode, Payment } from "./payment.ts";

type OutgoingType =
  | "PaymentProcessed"
  | "PaymentFailed"
  | "PaymentActionRequired"
  | "PaymentCaptured"
  | "PaymentCaptureFailed"
  | "PaymentRefunded"
  | "PaymentRefundedAtProvider"
  | "PaymentDisputed"
  | "PaymentDisputeClosed";
export type OutgoingEvent = {
  [K in OutgoingType]: [K, Omit<EventData<K>, "orderId" | "paymentId">];
}[OutgoingType];

/** The next state under the next version, at most one event, and the task that the state needs. */
export function transition(
  state: Payment,
  change: Partial<Payment>,
  outgoing?: OutgoingEvent,
  ...more: NewTask[]
): Changed<Payment> {
  const next: Payment = { ...state, ...change, version: state.version + 1 };
  const events = outgoing ? [eventOf(next, outgoing)] : [];
  const needed = next.status === state.status && next.attempt === state.attempt ? undefined : taskOf(next);
  return changed(next, events, needed ? [needed, ...more] : more);
}

/** Re-emits an event for the current state without a new version, so that consumers that saw it drop it. */
export function reEmit(state: Payment, outgoing: OutgoingEvent): Changed<Payment> {
  return changed(state, [eventOf(state, outgoing)]);
}

/** The task at the provider that a state needs; enqueuing it twice is harmless. */
export function taskOf({ status, orderId, attempt, intentId }: Payment): NewTask | undefined {
  switch (status) {
    case "AUTHORIZING":
      return { kind: "authorize", id: `${orderId}:authorize:${attempt}`, payload: { orderId, attempt } };
    case "CAPTURING":
      return { kind: "capture", id: `${orderId}:capture`, payload: { orderId } };
    case "CLOSING":
    case "VOIDING":
    case "REFUNDING":
      return intentId === null ? undefined : undoTask(orderId, intentId);
    default:
      return undefined;
  }
}

/** `because` makes another task beside the one that may be there already. */
export function undoTask(orderId: string, intentId: string, because?: string): NewTask {
  const id = `${orderId}:undo:${intentId}${because === undefined ? "" : `:${because}`}`;
  return { kind: "undo", id, payload: { orderId, intentId } };
}

/** The amount of a payment with an attempt: no attempt begins without one. */
export function totalOf(state: Payment): Money {
  if (!state.total) throw new Error(`payment ${state.id} has no amount`);
  return state.total;
}

/** PaymentFailed says when the provider or the shop has failed, so that no customer is counted as declined for it. */
export function failureEvent(
  attempt: number,
  { failureReason, failureCode }: Pick<Payment, "failureReason" | "failureCode">,
): OutgoingEvent {
  const isOurFault = failureCode !== null && ourFaults.has(failureCode);
  const reason = failureReason ?? "Declined.";
  return ["PaymentFailed", { attempt, reason, ...(isOurFault && { isOurFault }) }];
}

const ourFaults = new Set<FailureCode>(["PROVIDER_FAILED", "SHOP_FAILED", "AMOUNT_NOT_PAYABLE"]);

function eventOf(state: Payment, [type, data]: OutgoingEvent): NewEvent {
  return event(type, {
    aggregateId: state.id,
    version: state.version,
    sagaId: state.orderId,
    ...(state.cause && { causationId: state.cause }),
    data: { ...data, orderId: state.orderId, paymentId: state.id },
  });
}
