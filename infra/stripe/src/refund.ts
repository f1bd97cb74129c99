import type { Intent } from "./payment-intent.ts";
import { badRequest } from "./problem.ts";

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
  status: "succeeded";
};

type Wish = {
  id: string;
  amount?: number;
  reason?: string;
  metadata: Record<string, string>;
  created: number;
};

export function refund(intent: Intent, before: Refund[], wish: Wish): Refund {
  const refundable = intent.amount_received - before.reduce((sum, one) => sum + one.amount, 0);
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
  const amount = wish.amount ?? refundable;
  if (amount > refundable) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${refundable})`;
    throw badRequest("amount_too_large", message, "amount");
  }
  return {
    id: wish.id,
    object: "refund",
    amount,
    charge: intent.latest_charge,
    created: wish.created,
    currency: intent.currency,
    metadata: wish.metadata,
    payment_intent: intent.id,
    reason: wish.reason ?? null,
    status: "succeeded",
  };
}
