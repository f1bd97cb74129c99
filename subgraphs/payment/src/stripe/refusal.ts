import Stripe from "stripe";

/**
 * How an error of the SDK ends a call. `declined` and `state` are final; `repeated` is a final-looking answer that only
 * replays an earlier failure of Stripe's own (it stores those too); `unknown` is settled by asking again under the same key.
 */
export type Refusal =
  | { kind: "declined"; reason: string; intentId: string | null }
  | { kind: "state"; intentId: string | null }
  | { kind: "refunded" }
  | { kind: "invalid" }
  | { kind: "repeated" }
  | { kind: "unknown" };

export function refusalOf(error: unknown): Refusal {
  if (error instanceof Stripe.errors.StripeCardError) {
    return { kind: "declined", reason: error.message, intentId: error.payment_intent?.id ?? null };
  }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    if (error.code === "payment_intent_unexpected_state") {
      return { kind: "state", intentId: error.payment_intent?.id ?? null };
    }
    return error.code === "charge_already_refunded" ? { kind: "refunded" } : { kind: "invalid" };
  }
  if (error instanceof Stripe.errors.StripeError && (error.statusCode ?? 0) >= 500) {
    return error.headers?.["idempotent-replayed"] === "true" ? { kind: "repeated" } : { kind: "unknown" };
  }
  return { kind: "unknown" };
}

/** What may be logged of an error: Stripe's messages can repeat the payment method. */
export function withoutSecrets(error: unknown): Error {
  if (!(error instanceof Stripe.errors.StripeError))
    return error instanceof Error ? error : new Error(String(error));
  const parts = [error.type, error.code, error.statusCode, error.requestId].filter(
    (part) => part !== undefined,
  );
  return new Error(`Stripe: ${parts.join(" ")}`);
}
