import type Stripe from "stripe";
import { isCurrency } from "@shop/values";
import { fromStripe } from "./amount.ts";
import type { Intent } from "../domain/index.ts";

/** An intent and whose it is: `orderId` is null for those of somebody else on the same Stripe account. */
export type OurIntent = { intent: Intent; orderId: string | null };

export function ours(intent: Stripe.PaymentIntent, shop: string): OurIntent {
  const { orderId, attempt, shop: owner } = intent.metadata;
  return {
    orderId: owner === shop && orderId?.startsWith("ord_") ? orderId : null,
    intent: {
      id: intent.id,
      status: statusOf(intent.status),
      attempt: Number(attempt ?? 0),
      clientSecret: intent.client_secret,
      failure: intent.last_payment_error?.message ?? null,
      received: receivedBy(intent),
    },
  };
}

/** What was captured; null in a currency that the shop does not know. */
export function receivedBy({ amount_received: units, currency }: Stripe.PaymentIntent) {
  return isCurrency(currency.toUpperCase()) && Number.isInteger(units) ? fromStripe(units, currency) : null;
}

function statusOf(status: Stripe.PaymentIntent.Status): Intent["status"] {
  return known.find((one) => one === status) ?? "open";
}

const known = ["processing", "requires_action", "requires_capture", "succeeded", "canceled"] as const;
