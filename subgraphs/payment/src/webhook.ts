import type { Postgres, Route } from "@shop/service";
import Stripe from "stripe";
import { z } from "zod";
import { readIntent, undoTask, unknownCapture } from "./domain/index.ts";
import type { Store } from "./store.ts";
import { ours } from "./stripe/read.ts";

/** One, or several with commas between: the old one and the next while the provider changes from one to the other. */
export const webhookSecrets = z
  .string()
  .transform((text) => text.split(",").flatMap((secret) => secret.trim() || []))
  .pipe(z.array(z.string().min(8, "expected secrets of at least 8 characters, with commas between")).min(1));

type Parts = { pg: Postgres; store: Store; stripe: Stripe; shop: string; secrets: string[] };

const settleLaterS = 2;

/**
 * Answers 200 once the event is durable by its id, and with it the task to look at the intent; one that is no news to us
 * leaves nothing. What the event says is never believed: it only tells whether looking is worth a call.
 */
export function stripeWebhook({ pg, store, stripe, shop, secrets }: Parts): Route {
  return async ({ headers, rawBody }) => {
    const event = verified(stripe, rawBody, headers["stripe-signature"], secrets);
    if (!event) return { status: 400, body: "The signature does not match." };
    if (refundNews.has(event.type)) return await hearOfRefund(event.id, event.data.object as Stripe.Refund);
    if (!event.type.startsWith("payment_intent.")) return ok;
    const { intent, orderId } = ours(event.data.object as Stripe.PaymentIntent, shop);
    if (orderId === null) return ok;

    const state = await store.ofOrder(orderId);
    const news = readIntent(state, intent, state.version);
    const isLeft = news.outcome === "ignored" && news.reason === "LEFT_TO_THE_TASK";
    const isUnknown = news.outcome === "ignored" && news.reason === unknownCapture;
    // Nothing follows from it, so nothing has to be remembered: if it comes again, it is judged again.
    if (news.outcome === "ignored" && !isLeft && !isUnknown) return ok;
    await pg.transactTogether("webhooks", async (tx) => {
      if (!(await store.keepProviderEvent(tx, event.id))) return;
      const when = { id: `settle:${event.id}`, inSeconds: isLeft ? settleLaterS : 0 };
      tx.enqueue("settle", { orderId, intentId: intent.id }, when);
    });
    return ok;
  };

  /** Only refunds that we asked for: of others (the provider's dashboard) we don't know what they are meant to end. */
  async function hearOfRefund(eventId: string, refund: Stripe.Refund) {
    const { orderId, shop: owner } = refund.metadata ?? {};
    const intentId = refund.payment_intent;
    if (owner !== shop || orderId === undefined || typeof intentId !== "string") return ok;
    await pg.transactTogether("webhooks", async (tx) => {
      if (!(await store.keepProviderEvent(tx, eventId))) return;
      const state = await store.ofOrder(orderId);
      const isDone = state.status === "REFUNDED" && refund.status === "succeeded";
      if (isDone || (intentId !== state.intentId && !state.pastIntents.includes(intentId))) return;
      const { kind, payload, ...when } = undoTask(orderId, intentId, eventId);
      tx.enqueue(kind, payload, when);
    });
    return ok;
  }
}

const ok = { status: 200, body: "ok" };
const refundNews = new Set<string>(["refund.updated", "refund.failed", "charge.refund.updated"]);

/** Of several secrets (one is being replaced by the next) any may have signed it. */
function verified(
  stripe: Stripe,
  body: Buffer,
  signature: unknown,
  secrets: string[],
): Stripe.Event | undefined {
  if (typeof signature !== "string") return undefined;
  for (const secret of secrets) {
    try {
      return stripe.webhooks.constructEvent(body, signature, secret);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    }
  }
  return undefined;
}
