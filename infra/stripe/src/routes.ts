import { disputeOf } from "./card.ts";
import { disputeRoutes, openDispute } from "./dispute-routes.ts";
import { authenticate, cancel, capture, confirm, type Done, type Intent } from "./payment-intent.ts";
import { nested, text, type Params } from "./form.ts";
import { turn, type Knobs } from "./knobs.ts";
import { newId } from "./new-id.ts";
import { createdRange, limitOf, page } from "./paging.ts";
import { badRequest, type Problem, missingParameter, noSuch } from "./problem.ts";
import { refund, settleRefund, type Refund } from "./refund.ts";
import type { Store } from "./store.ts";

export type Request = { id: string; params: Params; nowMs: number };
export type Route = {
  accepts: string[];
  /** Answers the object, or keeps its effects and answers the problem. */
  act: (request: Request) => object | Problem;
};

/** Method and path, with `:id` for the one variable part. */
export function routesOf(
  store: Store,
  knobs: Knobs,
  announce: (type: string, object: object, nowMs: number) => void,
): Record<string, Route> {
  function intentOf(id: string): Intent {
    const intent = store.intent(id.split("_secret_")[0] ?? id);
    if (!intent) throw noSuch("payment_intent", id);
    return intent;
  }
  function settle({ intent, events, problem }: Done, nowMs: number): Intent | Problem {
    store.keepIntent(intent);
    for (const type of events) announce(type, intent, nowMs);
    const reason = intent.status === "succeeded" && disputeOf(intent.payment_method);
    if (reason && store.disputesOf(intent.id).length === 0)
      openDispute({ store, announce }, intent, reason, nowMs);
    return problem ?? intent;
  }

  return {
    "POST /v1/payment_intents": {
      accepts: [
        "amount",
        "currency",
        "capture_method",
        "confirm",
        "description",
        "metadata",
        "payment_method",
      ].concat([
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "off_session",
        "return_url",
        "statement_descriptor_suffix",
      ]),
      act({ params, nowMs }) {
        const intent = created(params, nowMs);
        const done: Done =
          params["confirm"] === "true"
            ? confirm(intent, undefined, newId("ch"))
            : { intent, events: ["payment_intent.created"] };
        return settle(done, nowMs);
      },
    },
    "GET /v1/payment_intents": {
      accepts: ["created", "limit", "starting_after"],
      act({ params }) {
        const limit = limitOf(params);
        const { from, to } = createdRange(params);
        return page(
          "/v1/payment_intents",
          store.intents(from, to, text(params, "starting_after"), limit + 1),
          limit,
        );
      },
    },
    "GET /v1/payment_intents/:id": { accepts: ["client_secret"], act: ({ id }) => intentOf(id) },
    "POST /v1/payment_intents/:id/confirm": {
      accepts: ["payment_method", "return_url", "off_session"],
      act: ({ id, params, nowMs }) =>
        settle(confirm(intentOf(id), text(params, "payment_method"), newId("ch")), nowMs),
    },
    "POST /v1/payment_intents/:id/capture": {
      accepts: ["amount_to_capture", "metadata"],
      act: ({ id, params, nowMs }) =>
        settle(capture(intentOf(id), optionalAmount(params, "amount_to_capture"), seconds(nowMs)), nowMs),
    },
    "POST /v1/payment_intents/:id/cancel": {
      accepts: ["cancellation_reason"],
      act: ({ id, params, nowMs }) =>
        settle(cancel(intentOf(id), text(params, "cancellation_reason"), seconds(nowMs)), nowMs),
    },
    "POST /v1/refunds": {
      accepts: ["payment_intent", "amount", "reason", "metadata"],
      act({ params, nowMs }) {
        const id = text(params, "payment_intent");
        if (!id) throw missingParameter("payment_intent");
        const intent = intentOf(id);
        if (store.disputesOf(intent.id).some(({ status }) => status !== "won")) {
          throw badRequest("charge_disputed", `Charge ${intent.latest_charge} has been charged back.`);
        }
        const amount = optionalAmount(params, "amount");
        const reason = text(params, "reason");
        const made = refund(intent, store.refundsOf(intent.id), {
          id: newId("re"),
          metadata: metadataOf(params),
          created: seconds(nowMs),
          isPending: Math.random() < knobs.pendingRefunds,
          ...(amount !== undefined && { amount }),
          ...(reason !== undefined && { reason }),
        });
        store.keepRefund(made);
        announce("refund.created", made, nowMs);
        announce("charge.refunded", chargeOf(intent, store.refundsOf(intent.id)), nowMs);
        return made;
      },
    },
    "GET /v1/refunds": {
      accepts: ["payment_intent", "limit", "starting_after"],
      act({ params }) {
        const intent = text(params, "payment_intent");
        const limit = limitOf(params);
        const after = text(params, "starting_after");
        return page("/v1/refunds", intent ? store.refundsOf(intent) : store.refunds(after, limit + 1), limit);
      },
    },
    "GET /v1/refunds/:id": {
      accepts: [],
      act({ id }) {
        const found = store.refund(id);
        if (!found) throw noSuch("refund", id);
        return found;
      },
    },
    "GET /v1/events": {
      accepts: ["types", "created", "limit", "starting_after"],
      act({ params }) {
        const { types } = params;
        const limit = limitOf(params);
        const { from, to } = createdRange(params);
        const wanted = Array.isArray(types) ? types.map(String) : undefined;
        const after = text(params, "starting_after");
        return page("/v1/events", store.events({ from, to, types: wanted, after, limit: limit + 1 }), limit);
      },
    },
    ...disputeRoutes({ store, announce, intentOf }),
    "POST /v1/test/refunds/:id/settle": {
      accepts: ["outcome"],
      act({ id, params, nowMs }) {
        const found = store.refund(id);
        if (!found) throw noSuch("refund", id);
        const { refund: settled, events } = settleRefund(found, doesSucceed(params));
        store.keepRefund(settled);
        for (const type of events) announce(type, settled, nowMs);
        return settled;
      },
    },
    "POST /v1/test/payment_intents/:id/authenticate": {
      accepts: ["outcome"],
      act({ id, params, nowMs }) {
        return settle(authenticate(intentOf(id), doesSucceed(params), newId("ch")), nowMs);
      },
    },
    "POST /v1/test/knobs": {
      accepts: Object.keys(knobs),
      act: ({ params }) => ({ ...turn(knobs, params), pendingWebhooks: store.pendingDeliveries() }),
    },
  };
}

/** What an event about refunds shows of the charge. */
function chargeOf(intent: Intent, refunds: Refund[]): object {
  const back = refunds.reduce((sum, { status, amount }) => sum + (status === "failed" ? 0 : amount), 0);
  return {
    id: intent.latest_charge,
    object: "charge",
    amount: intent.amount,
    amount_captured: intent.amount_received,
    amount_refunded: back,
    currency: intent.currency,
    livemode: false,
    metadata: intent.metadata,
    payment_intent: intent.id,
    refunded: back >= intent.amount_received,
  };
}

function doesSucceed(params: Params): boolean {
  const outcome = text(params, "outcome");
  if (outcome === "succeed" || outcome === "fail") return outcome === "succeed";
  throw badRequest("parameter_invalid", "outcome must be succeed or fail", "outcome");
}

function created(params: Params, nowMs: number): Intent {
  const currency = text(params, "currency");
  if (!currency) throw missingParameter("currency");
  if (!/^[a-z]{3}$/i.test(currency)) {
    throw badRequest("parameter_invalid", `Invalid currency: ${currency}.`, "currency");
  }
  const amount = optionalAmount(params, "amount");
  if (amount === undefined) throw missingParameter("amount");
  const least = leastAmounts[currency.toLowerCase()] ?? 1;
  if (amount < least) {
    const message = `Amount must be at least ${least} of the smallest units of ${currency.toLowerCase()}`;
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
    created: seconds(nowMs),
    currency: currency.toLowerCase(),
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

/** https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, for the currencies that the shop's tests speak of. */
const leastAmounts: Record<string, number> = { eur: 50, gbp: 30, huf: 17_500, jpy: 50, usd: 50 };

function optionalAmount(params: Params, name: string): number | undefined {
  const given = text(params, name);
  if (given === undefined) return undefined;
  const amount = Number(given);
  if (!/^-?\d+$/.test(given))
    throw badRequest("parameter_invalid_integer", `Invalid integer: ${given}`, name);
  if (amount < 1) {
    throw badRequest("parameter_invalid_integer", "This value must be greater than or equal to 1.", name);
  }
  if (amount > 99_999_999) throw badRequest("amount_too_large", "Amount must be no more than 99999999", name);
  return amount;
}

function metadataOf(params: Params): Record<string, string> {
  return Object.fromEntries(
    Object.entries(nested(params, "metadata")).map(([key, value]) => [
      key,
      typeof value === "string" ? value : "",
    ]),
  );
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
