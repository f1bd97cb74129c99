import { ignored, type Decision } from "@shop/events";
import type { Money } from "@shop/values";
import { transition, undoTask } from "./transition.ts";
import { noFailure, type Payment } from "./payment.ts";
import { captured, captureRefused } from "./capture-outcome.ts";
import { authorized, endAttempt, withPastIntent } from "./end-attempt.ts";

/** An intent as the provider has it now. */
export type Intent = {
  id: string;
  /** `open`: no money is held, another method may be tried. */
  status: "open" | "processing" | "requires_action" | "requires_capture" | "succeeded" | "canceled";
  /** The attempt that created it. */
  attempt: number;
  clientSecret: string | null;
  failure: string | null;
  /** The amount that was asked for, the order's total; null in a currency that the shop does not know. */
  asked?: Money | null;
  /** The captured amount; null in a currency that the shop does not know. */
  received?: Money | null;
};

/** The reason for which a capture is left undecided: only order knows whether it is owed. */
export const unknownCapture = "UNKNOWN_CAPTURE";

const lapsed = "The bank let the payment lapse.";

/**
 * Applies an intent that was read after a webhook or by the reconciler: a payment only moves forward.
 * `asOf`: the payment's version before the reading; a reading that is older than the payment decides nothing.
 */
export function applyIntent(state: Payment, intent: Intent, asOf: number): Decision<Payment> {
  if (state.version !== asOf) return ignored("STALE_READING");
  if (intent.id !== state.intentId) return unknownIntent(state, intent);
  switch (state.status) {
    case "REQUIRES_ACTION":
    case "FAILED":
      return waitedFor(state, intent);
    case "AUTHORIZING":
      // 3-D Secure of an earlier attempt was passed after all; any other outcome comes from the attempt's own task.
      return intent.status === "requires_capture" ? authorized(state) : ignored("LEFT_TO_THE_TASK");
    case "AUTHORIZED":
    case "CAPTURING":
      // A capture of an AUTHORIZED payment is our own: the row comes from a backup, from before it.
      if (intent.status === "succeeded") return captured(state, intent.received);
      return intent.status === "canceled" ? captureRefused(state, lapsed) : ignored("NOTHING_NEW");
    case "CLOSING":
      // 3-D Secure was passed after the order had ended: money is held after all, and its release will be published.
      return intent.status === "requires_capture" ? authorized(state) : ignored("LEFT_TO_THE_TASK");
    case "VOIDING":
    case "REFUNDING":
      return ignored("LEFT_TO_THE_TASK");
    case "PENDING":
    case "CAPTURED":
    case "CAPTURE_FAILED":
    case "CANCELLED":
    case "VOIDED":
    case "REFUNDED":
      return ignored("NOTHING_NEW");
  }
}

/** The customer was with their bank, or has tried again with the provider's own library. */
function waitedFor(state: Payment, intent: Intent): Decision<Payment> {
  const { attempt } = state;
  switch (intent.status) {
    case "processing":
      return ignored("NOT_SETTLED_YET");
    case "requires_capture":
    case "succeeded":
      return authorized(state);
    case "requires_action": {
      if (state.status === "REQUIRES_ACTION" || intent.clientSecret === null) return ignored("NOTHING_NEW");
      const change = { ...noFailure, status: "REQUIRES_ACTION", clientSecret: intent.clientSecret } as const;
      return transition(state, change, ["PaymentActionRequired", { attempt }]);
    }
    case "open":
    case "canceled": {
      const isGone = intent.status === "canceled";
      if (state.status === "FAILED" && !isGone) return ignored("NOTHING_NEW");
      const reason = state.failureReason ?? intent.failure ?? "The payment was not confirmed.";
      const change = {
        status: "FAILED",
        clientSecret: null,
        failureReason: reason,
        failureCode: state.failureCode ?? "NOT_CONFIRMED",
        ...(isGone && { intentId: null, pastIntents: withPastIntent(state, intent.id) }),
      } as const;
      if (state.status === "FAILED") return transition(state, change);
      return transition(state, change, ["PaymentFailed", { attempt, reason }]);
    }
  }
}

/**
 * A stray: ours by its metadata, but not the payment's intent, since our database has come from a backup or an answer was lost.
 * An authorisation is released. A capture is never refunded without asking order: see `adoptCapture`.
 */
function unknownIntent(state: Payment, intent: Intent): Decision<Payment> {
  const { attempt } = intent;
  if (state.status === "AUTHORIZING" && state.intentId === null && state.attempt === attempt) {
    if (intent.status === "requires_capture") {
      return endAttempt(state, { kind: "authorized", attempt, intentId: intent.id });
    }
    return ignored("LEFT_TO_THE_TASK");
  }
  if (intent.status === "succeeded") return ignored(unknownCapture);
  if (state.pastIntents.includes(intent.id)) return ignored("KNOWN_STRAY");
  // A payment whose row was lost with OrderInitiated has its amount from here: its release may still have to be published.
  const known = {
    pastIntents: withPastIntent(state, intent.id),
    total: state.total ?? intent.asked ?? null,
  };
  if (intent.status === "canceled") return transition(state, known);
  return transition(state, known, undefined, undoTask(state.orderId, intent.id));
}
