import type { Intent } from "./payment-intent.ts";
import { badRequest } from "./stripe-error.ts";

export type Dispute = {
  id: string;
  object: "dispute";
  amount: number;
  charge: string | null;
  created: number;
  currency: string;
  livemode: false;
  metadata: Record<string, string>;
  payment_intent: string;
  reason: string;
  status: "needs_response" | "won" | "lost";
};

/** Opens the dispute of a captured payment: the bank takes the whole of it back until the dispute is decided. */
export function dispute(
  intent: Intent,
  before: Dispute[],
  request: { id: string; reason: string; created: number },
): Dispute {
  if (intent.status !== "succeeded") {
    throw badRequest("payment_intent_unexpected_state", `${intent.id} has no successful charge to dispute.`);
  }
  if (before.length > 0) throw badRequest("resource_state_invalid", `${intent.id} is disputed already.`);
  return {
    id: request.id,
    object: "dispute",
    amount: intent.amount_received,
    charge: intent.latest_charge,
    created: request.created,
    currency: intent.currency,
    livemode: false,
    metadata: {},
    payment_intent: intent.id,
    reason: request.reason,
    status: "needs_response",
  };
}

export function closeDispute(open: Dispute, outcome: string | undefined): Dispute {
  if (outcome !== "won" && outcome !== "lost") {
    throw badRequest("parameter_invalid", "outcome must be won or lost", "outcome");
  }
  if (open.status !== "needs_response") {
    throw badRequest("resource_state_invalid", `Dispute ${open.id} is ${open.status} already.`);
  }
  return { ...open, status: outcome };
}
