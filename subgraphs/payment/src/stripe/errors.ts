import Stripe from "stripe";

/**
 * How an error of the SDK ends a call. `declined`, `method`, `amount` and `state` are final. `mistake`: we asked for what
 * can't be asked, which no customer can mend and asking again doesn't either. `repeated` is a final-looking answer that
 * only replays an earlier failure of Stripe's own (it stores those too); `unknown` is settled by asking again under the
 * same key.
 */
export type Refusal =
  | { kind: "declined"; reason: string; intentId: string | null }
  | { kind: "state"; intentId: string | null }
  | { kind: "refunded" }
  | { kind: "disputed" }
  | { kind: "method" }
  | { kind: "amount" }
  | { kind: "lapsed" }
  | { kind: "mistake" }
  | { kind: "repeated" }
  | { kind: "unknown" };

export function refusalOf(error: unknown): Refusal {
  const { errors } = Stripe;
  if (error instanceof errors.StripeCardError) {
    return { kind: "declined", reason: error.message, intentId: error.payment_intent?.id ?? null };
  }
  if (error instanceof errors.StripeInvalidRequestError) return invalid(error);
  // Another request has used this key: of a time that our database has forgotten. In use is another matter: it is answered soon.
  if (error instanceof errors.StripeIdempotencyError && error.code !== "idempotency_key_in_use") {
    return { kind: "mistake" };
  }
  if (error instanceof errors.StripeError && (error.statusCode ?? 0) >= 500) {
    return error.headers?.["idempotent-replayed"] === "true" ? { kind: "repeated" } : { kind: "unknown" };
  }
  return { kind: "unknown" };
}

/** Whether somebody who runs the shop has to see to it: a wrong request, or a key that is wrong or may not do this. */
export function isShopFault(error: unknown): boolean {
  const { errors } = Stripe;
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return true;
  }
  const { kind } = refusalOf(error);
  return kind === "mistake" || kind === "amount";
}

type Invalid = InstanceType<typeof Stripe.errors.StripeInvalidRequestError>;

/** https://docs.stripe.com/error-codes */
const kindOfCode = new Map<string, "refunded" | "disputed" | "lapsed" | "amount" | "method">([
  ["charge_already_refunded", "refunded"],
  ["charge_disputed", "disputed"],
  ["charge_expired_for_capture", "lapsed"],
  ["capture_charge_authorization_expired", "lapsed"],
  ["capture_unauthorized_payment", "lapsed"],
  ["charge_already_captured", "lapsed"],
  ["amount_too_large", "amount"],
  ["amount_too_small", "amount"],
  ["token_already_used", "method"],
  ["token_in_use", "method"],
]);

function invalid(error: Invalid): Refusal {
  const { code = "", param, message } = error;
  if (code === "payment_intent_unexpected_state") {
    return { kind: "state", intentId: error.payment_intent?.id ?? null };
  }
  const known = kindOfCode.get(code);
  if (known) return { kind: known };
  if (param === "amount" || param === "currency") return { kind: "amount" };
  // A method that there is not, or that was used up, says so by its parameter or its code; of some only the words tell.
  const isOfMethod =
    param?.startsWith("payment_method") ||
    code.startsWith("payment_method_") ||
    /\bPaymentMethod\b/.test(message);
  const isUnknownWord = code === "parameter_unknown" || code === "parameter_missing";
  return { kind: isOfMethod && !isUnknownWord ? "method" : "mistake" };
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
