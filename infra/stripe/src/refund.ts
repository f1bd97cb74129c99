import type { Intent } from "./payment-intent.ts";
import { badRequest } from "./stripe-error.ts";

export type Refund = {
  id: string;
  object: "refund";
  amount: number;
  charge: string | null;
  created: number;
  currency: string;
  metadata: Record<string, string>;
  payment_intent: string;
  reason: string | null;
  status: "pending" | "succeeded" | "failed";
  failure_reason?: string;
};

type RefundRequest = {
  id: string;
  amount?: number;
  reason?: string;
  metadata: Record<string, string>;
  created: number;
  isPending: boolean;
};

export function refund(intent: Intent, before: Refund[], request: RefundRequest): Refund {
  const refundable =
    intent.amount_received -
    before.filter((one) => one.status !== "failed").reduce((sum, one) => sum + one.amount, 0);
  if (intent.amount_received === 0) {
    throw badRequest(
      "payment_intent_unexpected_state",
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      "payment_intent",
    );
  }
  if (refundable === 0) {
    throw badRequest("charge_already_refunded", `Charge ${intent.latest_charge} has already been refunded.`);
  }
  const amount = request.amount ?? refundable;
  if (amount > refundable) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${refundable})`;
    throw badRequest("amount_too_large", message, "amount");
  }
  return {
    id: request.id,
    object: "refund",
    amount,
    charge: intent.latest_charge,
    created: request.created,
    currency: intent.currency,
    metadata: request.metadata,
    payment_intent: intent.id,
    reason: request.reason ?? null,
    status: request.isPending ? "pending" : "succeeded",
  };
}

/** The bank has paid the refund out, or sent it back to the shop, which may happen long after it had succeeded. */
export function settleRefund(made: Refund, succeeds: boolean): { refund: Refund; events: string[] } {
  const isOpen = made.status === "pending" || (made.status === "succeeded" && !succeeds);
  if (!isOpen) {
    throw badRequest("resource_state_invalid", `Refund ${made.id} is ${made.status} already.`);
  }
  const settled: Refund = succeeds
    ? { ...made, status: "succeeded" }
    : { ...made, status: "failed", failure_reason: "expired_or_canceled_card" };
  const events = ["charge.refund.updated", "refund.updated", ...(succeeds ? [] : ["refund.failed"])];
  return { refund: settled, events };
}
