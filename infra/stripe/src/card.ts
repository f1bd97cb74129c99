import { badRequest } from "./stripe-error.ts";

/** How the card behind a test token behaves. */
export type Card =
  | { kind: "good" }
  | { kind: "declined"; code: string; declineCode: string; message: string }
  | { kind: "authentication" }
  | { kind: "capture-refused" };

export function cardOf(token: string): Card {
  const card = cards[token];
  if (!card) throw badRequest("resource_missing", `No such PaymentMethod: '${token}'`, "payment_method");
  return card;
}

/** The reason for which the bank disputes all payments of this card, once captured; undefined for other cards. */
export function disputeReason(token: string | null): string | undefined {
  if (token === "pm_card_createDispute") return "fraudulent";
  return token === "pm_card_createDisputeProductNotReceived" ? "product_not_received" : undefined;
}

const good: Card = { kind: "good" };
const authentication: Card = { kind: "authentication" };

function declined(declineCode: string, message: string, code = "card_declined"): Card {
  return { kind: "declined", code, declineCode, message };
}

const plain = declined("generic_decline", "Your card was declined.");
const insufficient = declined("insufficient_funds", "Your card has insufficient funds.");
const expired = declined("expired_card", "Your card has expired.", "expired_card");
const wrongCode = declined("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc");
const processing = declined(
  "processing_error",
  "An error occurred while processing your card. Try again in a little bit.",
  "processing_error",
);

const cards: Record<string, Card | undefined> = {
  __proto__: undefined,
  pm_card_visa: good,
  pm_card_mastercard: good,
  pm_card_amex: good,
  pm_card_createDispute: good,
  pm_card_createDisputeProductNotReceived: good,
  pm_card_chargeDeclined: plain,
  pm_card_visa_chargeDeclined: plain,
  pm_card_chargeDeclinedInsufficientFunds: insufficient,
  pm_card_visa_chargeDeclinedInsufficientFunds: insufficient,
  pm_card_chargeDeclinedExpiredCard: expired,
  pm_card_chargeDeclinedIncorrectCvc: wrongCode,
  pm_card_chargeDeclinedProcessingError: processing,
  pm_card_authenticationRequired: authentication,
  pm_card_threeDSecure2Required: authentication,
  // Not a token of Stripe's: its capture is refused for good.
  pm_card_captureRefused: { kind: "capture-refused" },
};
