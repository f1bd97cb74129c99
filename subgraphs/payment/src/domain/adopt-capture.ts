import { ignored, type Decision, type RequestReply } from "@shop/events";
import { isSameMoney } from "@shop/values";
import { transition, undoTask } from "./transition.ts";
import type { Payment, PaymentStatus } from "./payment.ts";
import { withPastIntent } from "./apply-result.ts";
import type { Intent } from "./apply-intent.ts";

/** Why a capture is left to a person; each as in the API's ParkedPaymentReason. */
export type ParkReason = "UNKNOWN_ORDER" | "OTHER_AMOUNT" | "SECOND_PAYMENT";

export type Adoption = Decision<Payment> | { outcome: "parked"; reason: ParkReason };

/** More than the versions that rows which are gone can have reached, so that what is said next isn't taken for old. */
const versionGap = 1000;

/**
 * Money that was taken for an order of ours, by an intent that no payment owns: it becomes the order's payment, so that the
 * saga goes on from there, or gives it back if the order is over. What doesn't fit is left to a person.
 */
export function adoptCapture(
  state: Payment,
  intent: Intent,
  order: RequestReply<"order.standing">,
  asOf: number,
): Adoption {
  if (state.version !== asOf) return ignored("STALE_READING");
  if (order.outcome === "unknown") return parked("UNKNOWN_ORDER");
  if (!intent.received || !isSameMoney(intent.received, order.total)) return parked("OTHER_AMOUNT");
  if (mayHaveTaken.has(state.status)) return parked("SECOND_PAYMENT");
  const replaced = state.intentId;
  const pastIntents = replaced === null ? state.pastIntents : withPastIntent(state, replaced);
  const adopted: Payment = {
    ...state,
    ...{ total: order.total, isReserved: true, token: null, next: null, clientSecret: null },
    ...{ failureReason: null, failureCode: null },
    version: state.version + versionGap,
    attempt: Math.max(state.attempt, intent.attempt),
    intentId: intent.id,
    pastIntents: pastIntents.filter((id) => id !== intent.id),
  };
  const undoing = replaced === null ? [] : [undoTask(state.orderId, replaced)];
  if (order.isOver || state.ended !== null) {
    const ended = state.ended ?? "The order had ended.";
    return transition(adopted, { status: "REFUNDING", ended }, undefined, ...undoing);
  }
  return transition(
    adopted,
    { status: "CAPTURED" },
    ["PaymentCaptured", { amount: order.total }],
    ...undoing,
  );
}

/** With one of these there would be two payments for the order; an authorisation beside it is let go. */
const mayHaveTaken = new Set<PaymentStatus>([
  ...(["AUTHORIZING", "CAPTURING", "CAPTURED", "REFUNDING", "REFUNDED"] as const),
]);

function parked(reason: ParkReason): Adoption {
  return { outcome: "parked", reason };
}
