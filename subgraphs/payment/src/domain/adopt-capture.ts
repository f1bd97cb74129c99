import { ignored, type Decision, type RequestReply } from "@shop/events";
import { isSameMoney } from "@shop/values";
import { transition, undoTask } from "./transition.ts";
import { noFailure, type Payment, type PaymentStatus } from "./payment.ts";
import { withPastIntent } from "./end-attempt.ts";
import type { Intent } from "./apply-intent.ts";

/** Why a capture is parked; each as in the API's ParkedPaymentReason. */
export type ParkReason = "UNKNOWN_ORDER" | "OTHER_AMOUNT" | "SECOND_PAYMENT";

export type Adoption = Decision<Payment> | { outcome: "parked"; reason: ParkReason };

/** More than the versions that lost rows can have reached: consumers don't drop the next event as an old one. */
const versionGap = 1000;

/**
 * Adopts a capture for an order of ours that no payment owns: it becomes the order's payment, so that the saga goes on from
 * there, or is refunded if the order is over. A capture that doesn't fit is parked for staff.
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
    ...noFailure,
    ...{ total: order.total, isReserved: true, token: null, next: null, clientSecret: null },
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

/** In these states the order would be paid twice; an authorisation beside the capture is released instead. */
const mayHaveTaken = new Set<PaymentStatus>([
  ...(["AUTHORIZING", "CAPTURING", "CAPTURED", "REFUNDING", "REFUNDED"] as const),
]);

function parked(reason: ParkReason): Adoption {
  return { outcome: "parked", reason };
}
