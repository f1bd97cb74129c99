import Stripe from "stripe";
import { expect, test } from "vitest";
import { isShopFault, classifyError } from "./errors.ts";

const refused = (statusCode: number, type: string, rest: object = {}) =>
  Stripe.errors.StripeError.generate({ statusCode, type, message: "No.", ...rest } as never);
const invalid = (rest: object = {}) => refused(400, "invalid_request_error", rest);

test.each([
  ["a method that there is not", invalid({ code: "resource_missing", param: "payment_method" }), "method"],
  [
    "a method that was used up",
    invalid({ message: "The provided PaymentMethod was previously used." }),
    "method",
  ],
  ["a method of another kind", invalid({ code: "payment_method_not_available" }), "method"],
  ["a token that was used", invalid({ code: "token_already_used" }), "method"],
  ["a bank's refusal", refused(402, "card_error", { code: "card_declined" }), "declined"],
  ["an intent that has moved on", invalid({ code: "payment_intent_unexpected_state" }), "state"],
  ["an authorisation that lapsed", invalid({ code: "charge_expired_for_capture" }), "lapsed"],
  ["a provider that fails", refused(500, "api_error"), "unknown"],
  ["a key in use", refused(409, "idempotency_error", { code: "idempotency_key_in_use" }), "unknown"],
  ["too many requests", refused(429, "invalid_request_error", { code: "rate_limit" }), "unknown"],
])("%s is not our mistake", (_, error, kind) => {
  expect(classifyError(error).kind).toBe(kind);
  expect(isShopFault(error)).toBe(false);
});

test.each([
  ["an amount that is too large", invalid({ code: "amount_too_large", param: "amount" }), "amount"],
  ["an amount that is too small", invalid({ code: "amount_too_small" }), "amount"],
  [
    "a currency that it doesn't know",
    invalid({ param: "currency", message: "Invalid currency: xxx" }),
    "amount",
  ],
  ["an unknown parameter", invalid({ code: "parameter_unknown", param: "payment_method_typos" }), "mistake"],
  ["an intent that it doesn't have", refused(404, "invalid_request_error", { param: "intent" }), "mistake"],
  ["a metadata value that is too long", invalid({ param: "metadata[orderId]" }), "mistake"],
  ["a key used for another request", refused(400, "idempotency_error"), "mistake"],
  ["a wrong secret key", refused(401, "invalid_request_error"), "unknown"],
  ["a key that may not do it", refused(403, "invalid_request_error"), "unknown"],
])("%s is, and those who run the shop are alarmed", (_, error, kind) => {
  expect(classifyError(error).kind).toBe(kind);
  expect(isShopFault(error)).toBe(true);
});
