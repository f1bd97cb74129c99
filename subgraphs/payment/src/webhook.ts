import type { Postgres, Route } from "@shop/service";
import Stripe from "stripe";
import { readIntent } from "./domain/index.ts";
import type { Store } from "./store.ts";
import { ours } from "./stripe/read.ts";

type Parts = { pg: Postgres; store: Store; stripe: Stripe; shop: string; secret: string };

const settleLaterS = 2;

/**
 * Answers 200 once the event is durable by its id, and with it the task to look at the intent. What the event says is never
 * believed: it only tells whether looking is worth a call.
 */
export function stripeWebhook({ pg, store, stripe, shop, secret }: Parts): Route {
  return async ({ headers, rawBody }) => {
    const event = verified(stripe, rawBody, headers["stripe-signature"], secret);
    if (!event) return { status: 400, body: "The signature does not match." };
    if (!event.type.startsWith("payment_intent.")) {
      await store.keepProviderEvent(pg, { id: event.id, type: event.type, intentId: null });
      return { status: 200, body: "ok" };
    }
    const { intent, orderId } = ours(event.data.object as Stripe.PaymentIntent, shop);
    if (orderId === null) return { status: 200, body: "ok" };

    const kept = { id: event.id, type: event.type, intentId: intent.id };
    const state = await store.ofOrder(orderId);
    const news = readIntent(state, intent, state.version);
    const isLeft = news.outcome === "ignored" && news.reason === "LEFT_TO_THE_TASK";
    if (news.outcome === "ignored" && !isLeft) {
      await store.keepProviderEvent(pg, kept);
      return { status: 200, body: "ok" };
    }
    await pg.transactTogether("webhooks", async (tx) => {
      if (!(await store.keepProviderEvent(tx, kept))) return;
      const when = { id: `settle:${event.id}`, inSeconds: isLeft ? settleLaterS : 0 };
      tx.enqueue("settle", { orderId, intentId: intent.id }, when);
    });
    return { status: 200, body: "ok" };
  };
}

function verified(
  stripe: Stripe,
  body: Buffer,
  signature: unknown,
  secret: string,
): Stripe.Event | undefined {
  if (typeof signature !== "string") return undefined;
  try {
    return stripe.webhooks.constructEvent(body, signature, secret);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined;
    throw error;
  }
}
