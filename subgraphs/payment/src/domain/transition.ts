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

/** The next state under the next version, with at most one event, and the task that the state calls for. */
export function transition(
  state: Payment,
  change: Partial<Payment>,
  news?: OutgoingEvent,
  ...more: NewTask[]
): Changed<Payment> {
  const next: Payment = { ...state, ...change, version: state.version + 1 };
  const events = news ? [eventOf(next, news)] : [];
  const needed = next.status === state.status && next.attempt === state.attempt ? undefined : taskOf(next);
  return changed(next, events, needed ? [needed, ...more] : more);
}

/** The same news of the same state once more: whoever asks again may have missed it, whoever heard it knows it by its version. */
export function reEmit(state: Payment, news: OutgoingEvent): Changed<Payment> {
  return changed(state, [eventOf(state, news)]);
}

/** What has to be done at the provider in this state; repeating it is harmless. */
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

/** `because`: another reason to look, beside a task that is there already. */
export function undoTask(orderId: string, intentId: string, because?: string): NewTask {
  const id = `${orderId}:undo:${intentId}${because === undefined ? "" : `:${because}`}`;
  return { kind: "undo", id, payload: { orderId, intentId } };
}

/** Only called where an attempt has begun, and none begins without an amount. */
export function totalOf(state: Payment): Money {
  if (!state.total) throw new Error(`payment ${state.id} has no amount`);
  return state.total;
}

/** Nobody is held to have given a bad card where the provider or the shop has failed. */
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
