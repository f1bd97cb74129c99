import { cardOf } from "./card.ts";
import { StripeError, badRequest } from "./stripe-error.ts";

export type IntentStatus =
  | "requires_payment_method"
  | "requires_confirmation"
  | "requires_action"
  | "requires_capture"
  | "succeeded"
  | "canceled";

export type Intent = {
  id: string;
  object: "payment_intent";
  amount: number;
  amount_capturable: number;
  amount_received: number;
  canceled_at: number | null;
  cancellation_reason: string | null;
  capture_method: "automatic" | "manual";
  client_secret: string;
  confirmation_method: "automatic";
  created: number;
  currency: string;
  description: string | null;
  last_payment_error: object | null;
  latest_charge: string | null;
  livemode: false;
  metadata: Record<string, string>;
  next_action: object | null;
  payment_method: string | null;
  payment_method_types: string[];
  status: IntentStatus;
};

/** The effects of a call: a refused one has some as well (a declined intent, a webhook). */
export type Outcome = { intent: Intent; events: string[]; error?: StripeError };

export function confirm(intent: Intent, token: string | undefined, chargeId: string): Outcome {
  requireStatus(intent, "confirmed", ["requires_payment_method", "requires_confirmation", "requires_action"]);
  const method = token ?? intent.payment_method;
  if (!method) {
    throw badRequest(
      "payment_intent_unexpected_state",
      "You cannot confirm this PaymentIntent because it's missing a payment method.",
    );
  }
  const card = cardOf(method);
  const confirmed: Intent = {
    ...intent,
    payment_method: method,
    next_action: null,
    last_payment_error: null,
  };
  switch (card.kind) {
    case "declined":
      return decline({ ...confirmed, latest_charge: chargeId }, card.code, card.message, card.declineCode);
    case "authentication":
      return {
        intent: {
          ...confirmed,
          status: "requires_action",
          next_action: { type: "use_stripe_sdk", use_stripe_sdk: {} },
        },
        events: ["payment_intent.requires_action"],
      };
    case "good":
    case "capture-refused":
      return charge(confirmed, chargeId);
  }
}

export function authenticate(intent: Intent, succeeds: boolean, chargeId: string): Outcome {
  requireStatus(intent, "authenticated", ["requires_action"]);
  const answered: Intent = { ...intent, next_action: null };
  if (succeeds) return charge(answered, chargeId);
  const { intent: failed, events } = decline(
    answered,
    "payment_intent_authentication_failure",
    "The provided PaymentMethod has failed authentication.",
  );
  return { intent: failed, events };
}

export function capture(intent: Intent, amount: number | undefined, at: number): Outcome {
  requireStatus(intent, "captured", ["requires_capture"]);
  if (intent.payment_method && cardOf(intent.payment_method).kind === "capture-refused") {
    const canceled = cancelled(intent, "automatic", at);
    const error = new StripeError(400, {
      type: "invalid_request_error",
      code: "charge_expired_for_capture",
      message: "The charge cannot be captured because its authorization is no longer valid.",
      ...(intent.latest_charge && { charge: intent.latest_charge }),
      payment_intent: canceled,
    });
    return { intent: canceled, events: ["payment_intent.canceled"], error };
  }
  const taken = amount ?? intent.amount_capturable;
  if (taken > intent.amount_capturable) {
    throw badRequest(
      "amount_too_large",
      "The amount to capture exceeds what was authorized.",
      "amount_to_capture",
    );
  }
  const captured: Intent = { ...intent, status: "succeeded", amount_capturable: 0, amount_received: taken };
  return { intent: captured, events: ["payment_intent.succeeded"] };
}

export function cancel(intent: Intent, reason: string | undefined, at: number): Outcome {
  requireStatus(intent, "canceled", [
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
  ]);
  return { intent: cancelled(intent, reason ?? null, at), events: ["payment_intent.canceled"] };
}

function charge(intent: Intent, chargeId: string): Outcome {
  const charged: Intent = { ...intent, latest_charge: chargeId };
  if (intent.capture_method === "manual") {
    return {
      intent: { ...charged, status: "requires_capture", amount_capturable: intent.amount },
      events: ["payment_intent.amount_capturable_updated"],
    };
  }
  return {
    intent: { ...charged, status: "succeeded", amount_received: intent.amount },
    events: ["payment_intent.succeeded"],
  };
}

function decline(
  intent: Intent,
  code: string,
  message: string,
  declineCode?: string,
): Outcome & { error: StripeError } {
  const cardError = {
    type: "card_error" as const,
    code,
    message,
    ...(declineCode && { decline_code: declineCode }),
  };
  const failed: Intent = {
    ...intent,
    status: "requires_payment_method",
    payment_method: null,
    last_payment_error: {
      ...cardError,
      payment_method: { id: intent.payment_method, object: "payment_method" },
    },
  };
  const error = new StripeError(402, {
    ...cardError,
    ...(intent.latest_charge && { charge: intent.latest_charge }),
    payment_intent: failed,
  });
  return { intent: failed, events: ["payment_intent.payment_failed"], error };
}

function cancelled(intent: Intent, reason: string | null, at: number): Intent {
  return {
    ...intent,
    status: "canceled",
    amount_capturable: 0,
    next_action: null,
    canceled_at: at,
    cancellation_reason: reason,
  };
}

function requireStatus(intent: Intent, act: string, allowed: IntentStatus[]): void {
  if (allowed.includes(intent.status)) return;
  throw new StripeError(400, {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message: `This PaymentIntent could not be ${act} because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${act}: ${allowed.join(", ")}.`,
    payment_intent: intent,
  });
}
