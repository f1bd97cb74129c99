import { disputeReason } from "../card.ts";
import { amountOf, doesSucceed, metadataOf, text, type Params } from "../form.ts";
import { newId } from "../new-id.ts";
import { createdRange, limitOf, page } from "../paging.ts";
import { authenticate, cancel, capture, confirm, type Intent, type Outcome } from "../payment-intent.ts";
import { badRequest, missingParameter, type StripeError } from "../stripe-error.ts";
import { openDispute } from "./disputes.ts";
import { intentOf, type RouteDeps, type Routes } from "./route.ts";

export function intentRoutes({ store, emit }: Pick<RouteDeps, "store" | "emit">): Routes {
  function save({ intent, events, error }: Outcome, now: number): Intent | StripeError {
    store.saveIntent(intent);
    for (const type of events) emit(type, intent);
    const reason = intent.status === "succeeded" && disputeReason(intent.payment_method);
    if (reason && store.disputesOf(intent.id).length === 0) openDispute({ store, emit }, intent, reason, now);
    return error ?? intent;
  }

  return {
    "POST /v1/payment_intents": {
      accepts: [
        ...["amount", "currency", "capture_method", "confirm", "description", "metadata", "payment_method"],
        ...["allowed_payment_method_types", "automatic_payment_methods", "off_session", "return_url"],
        "statement_descriptor_suffix",
      ],
      handle({ params, now }) {
        const intent = newIntent(params, now);
        const isConfirmed = params["confirm"] === "true";
        const created = { intent, events: ["payment_intent.created"] };
        return save(isConfirmed ? confirm(intent, undefined, newId("ch")) : created, now);
      },
    },
    "GET /v1/payment_intents": {
      accepts: ["created", "limit", "starting_after"],
      handle({ params }) {
        const limit = limitOf(params);
        const { from, to } = createdRange(params);
        const found = store.intents(from, to, text(params, "starting_after"), limit + 1);
        return page("/v1/payment_intents", found, limit);
      },
    },
    "GET /v1/payment_intents/:id": { accepts: ["client_secret"], handle: ({ id }) => intentOf(store, id) },
    "POST /v1/payment_intents/:id/confirm": {
      accepts: ["payment_method", "return_url", "off_session"],
      handle: ({ id, params, now }) =>
        save(confirm(intentOf(store, id), text(params, "payment_method"), newId("ch")), now),
    },
    "POST /v1/payment_intents/:id/capture": {
      accepts: ["amount_to_capture", "metadata"],
      handle: ({ id, params, now }) =>
        save(capture(intentOf(store, id), amountOf(params, "amount_to_capture"), now), now),
    },
    "POST /v1/payment_intents/:id/cancel": {
      accepts: ["cancellation_reason"],
      handle: ({ id, params, now }) =>
        save(cancel(intentOf(store, id), text(params, "cancellation_reason"), now), now),
    },
    "POST /v1/test/payment_intents/:id/authenticate": {
      accepts: ["outcome"],
      handle: ({ id, params, now }) =>
        save(authenticate(intentOf(store, id), doesSucceed(params), newId("ch")), now),
    },
  };
}

/** https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, for the currencies of the shop's tests. */
const minAmounts: Record<string, number> = { eur: 50, gbp: 30, huf: 17_500, jpy: 50, usd: 50 };

function newIntent(params: Params, now: number): Intent {
  const currency = text(params, "currency")?.toLowerCase();
  if (!currency) throw missingParameter("currency");
  if (!/^[a-z]{3}$/.test(currency)) {
    throw badRequest("parameter_invalid", `Invalid currency: ${currency}.`, "currency");
  }
  const amount = amountOf(params, "amount");
  if (amount === undefined) throw missingParameter("amount");
  const min = minAmounts[currency] ?? 1;
  if (amount < min) {
    const message = `Amount must be at least ${min} of the smallest units of ${currency}`;
    throw badRequest("amount_too_small", message, "amount");
  }
  const method = text(params, "payment_method") ?? null;
  const id = newId("pi");
  return {
    id,
    object: "payment_intent",
    amount,
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: text(params, "capture_method") === "manual" ? "manual" : "automatic",
    client_secret: `${id}_secret_${newId("k").slice(2)}`,
    confirmation_method: "automatic",
    created: now,
    currency,
    description: text(params, "description") ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: metadataOf(params),
    next_action: null,
    payment_method: method,
    payment_method_types: ["card"],
    status: method ? "requires_confirmation" : "requires_payment_method",
  };
}
