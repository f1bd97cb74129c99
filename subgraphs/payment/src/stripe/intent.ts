import type Stripe from "stripe";
import { isCurrency, type Money } from "@shop/values";
import { fromStripe } from "./amount.ts";
import type { Intent } from "../domain/index.ts";

/** An intent and its order: `orderId` is null for intents of other shops on the same Stripe account. */
export type OwnedIntent = { intent: Intent; orderId: string | null };

/** Reads Stripe's intent; its metadata say whose it is. */
export function ownedIntent(intent: Stripe.PaymentIntent, shop: string): OwnedIntent {
  const { orderId, attempt, shop: owner } = intent.metadata;
  return {
    orderId: owner === shop && orderId?.startsWith("ord_") ? orderId : null,
    intent: {
      id: intent.id,
      status: statuses.find((one) => one === intent.status) ?? "open",
      attempt: Number(attempt ?? 0),
      clientSecret: intent.client_secret,
      failure: intent.last_payment_error?.message ?? null,
      asked: moneyOf(intent, intent.amount),
      received: receivedBy(intent),
    },
  };
}

/** The captured amount; null in a currency that the shop does not know. */
export function receivedBy(intent: Stripe.PaymentIntent): Money | null {
  return moneyOf(intent, intent.amount_received);
}

function moneyOf({ currency }: Stripe.PaymentIntent, units: number): Money | null {
  return isCurrency(currency.toUpperCase()) && Number.isInteger(units) ? fromStripe(units, currency) : null;
}

const statuses = ["processing", "requires_action", "requires_capture", "succeeded", "canceled"] as const;
