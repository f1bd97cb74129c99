import Stripe from "stripe";

/**
 * The meaning of an SDK's error for the call. `declined`, `method`, `amount` and `state` are final. `mistake`: a wrong request,
 * which no customer can mend and no retry either. `repeated`: looks final, but replays an earlier failure of Stripe's own
 * (Stripe stores those under the key, too). `unknown`: the same call under the same key settles it.
 */
export type ErrorClass =
  | { kind: "declined"; reason: string; intentId: string | null }
  | { kind: "state"; intentId: string | null }
  | { kind: "refunded" | "disputed" | "method" | "amount" | "lapsed" | "mistake" | "repeated" | "unknown" };

export function classifyError(error: unknown): ErrorClass {
  const { errors } = Stripe;
  if (error instanceof errors.StripeCardError) {
    return { kind: "declined", reason: error.message, intentId: error.payment_intent?.id ?? null };
  }
  if (error instanceof errors.StripeInvalidRequestError) return classifyInvalid(error);
  // Another request has used this key, before a backup that our database comes from. A key in use is answered soon.
  if (error instanceof errors.StripeIdempotencyError && error.code !== "idempotency_key_in_use") {
    return { kind: "mistake" };
  }
  if (error instanceof errors.StripeError && (error.statusCode ?? 0) >= 500) {
    return error.headers?.["idempotent-replayed"] === "true" ? { kind: "repeated" } : { kind: "unknown" };
  }
  return { kind: "unknown" };
}

/** Whether an operator must see to it: a wrong request, or a key that is wrong or may not do this. */
export function isShopFault(error: unknown): boolean {
  const { errors } = Stripe;
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return true;
  }
  const { kind } = classifyError(error);
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

function classifyInvalid(error: Invalid): ErrorClass {
  const { code = "", param, message } = error;
  if (code === "payment_intent_unexpected_state") {
    return { kind: "state", intentId: error.payment_intent?.id ?? null };
  }
  const known = kindOfCode.get(code);
  if (known) return { kind: known };
  if (param === "amount" || param === "currency") return { kind: "amount" };
  // An unknown or used-up method shows in the parameter or the code; for some methods only in the message.
  const isOfMethod =
    param?.startsWith("payment_method") ||
    code.startsWith("payment_method_") ||
    /\bPaymentMethod\b/.test(message);
  const isUnknownWord = code === "parameter_unknown" || code === "parameter_missing";
  return { kind: isOfMethod && !isUnknownWord ? "method" : "mistake" };
}

/** The error in a form that may be logged: Stripe's messages can repeat the payment method. */
export function withoutSecrets(error: unknown): Error {
  if (!(error instanceof Stripe.errors.StripeError))
    return error instanceof Error ? error : new Error(String(error));
  const parts = [error.type, error.code, error.statusCode, error.requestId].filter(
    (part) => part !== undefined,
  );
  return new Error(`Stripe: ${parts.join(" ")}`);
}
