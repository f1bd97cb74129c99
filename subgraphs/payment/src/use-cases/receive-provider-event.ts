import type { Postgres } from "@shop/service";
import type Stripe from "stripe";
import { applyIntent, undoTask, unknownCapture, type Payment } from "../domain/index.ts";
import type { Store } from "../store/payments.ts";
import { ours } from "../stripe/intent.ts";

type Parts = { pg: Postgres; store: Store; shop: string };
export type HearProvider = (event: Stripe.Event) => Promise<void>;

const settleLaterS = 2;

/** What refunds and disputes are told by, whoever made them. */
export const booksNews = [
  ...([
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.refund.updated",
  ] as const),
  ...(["charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"] as const),
] as const;
/** How an intent moves on. */
export const intentNews = [
  ...(["payment_intent.amount_capturable_updated", "payment_intent.requires_action"] as const),
  ...(["payment_intent.payment_failed", "payment_intent.succeeded", "payment_intent.canceled"] as const),
] as const;

const booksTypes = new Set<string>(booksNews);

/**
 * What the provider tells, by webhook or because we asked for its events. Once this is done, the event is durable by its id,
 * and with it the task to look; one that is no news to us leaves nothing. What it says is never believed: it only tells
 * whether looking is worth a call.
 */
export function hearingProvider({ pg, store, shop }: Parts): HearProvider {
  return async (event) => {
    if (booksTypes.has(event.type)) return hearOfBooks(event.id, event.type, event.data.object as Told);
    if (event.type.startsWith("payment_intent.")) {
      return hearOfIntent(event.id, event.data.object as Stripe.PaymentIntent);
    }
  };

  async function hearOfIntent(eventId: string, told: Stripe.PaymentIntent): Promise<void> {
    const { intent, orderId } = ours(told, shop);
    if (orderId === null) return;
    const state = await store.ofOrder(orderId);
    const news = applyIntent(state, intent, state.version);
    const isLeft = news.outcome === "ignored" && news.reason === "LEFT_TO_THE_TASK";
    const isUnknown = news.outcome === "ignored" && news.reason === unknownCapture;
    // Nothing follows from it, so nothing has to be remembered: if it comes again, it is judged again.
    if (news.outcome === "ignored" && !isLeft && !isUnknown) return;
    await pg.transactGrouped("webhooks", async (tx) => {
      if (!(await store.keepProviderEvent(tx, eventId))) return;
      const when = { id: `settle:${eventId}`, inSeconds: isLeft ? settleLaterS : 0 };
      tx.enqueue("settle", { orderId, intentId: intent.id }, when);
    });
  }

  /** Of our own undo its task looks again; what somebody made at the provider is read from its books. */
  async function hearOfBooks(eventId: string, type: string, told: Told): Promise<void> {
    const intentId = typeof told.payment_intent === "string" ? told.payment_intent : told.payment_intent?.id;
    const state = intentId === undefined ? undefined : await paymentOf(intentId, told);
    if (!state || intentId === undefined) return;
    const { orderId } = state;
    const isOfDispute = type.startsWith("charge.dispute.");
    const isUndoing = state.ended !== null || intentId !== state.intentId;
    if (isUndoing && type === "charge.refunded") return;
    if (isUndoing && !isOfDispute && state.status === "REFUNDED" && told.status === "succeeded") return;
    await pg.transactGrouped("webhooks", async (tx) => {
      if (!(await store.keepProviderEvent(tx, eventId))) return;
      if (isUndoing) {
        const { kind, payload, ...when } = undoTask(orderId, intentId, eventId);
        tx.enqueue(kind, payload, when);
      }
      if (!isUndoing || isOfDispute) tx.enqueue("look", { orderId, intentId }, { id: `look:${eventId}` });
    });
  }

  /** By its intent; of one that is no payment's any more only our own refunds say whose it was. */
  async function paymentOf(intentId: string, { metadata }: Told): Promise<Payment | undefined> {
    const found = await store.ofIntent(intentId);
    const orderId = metadata?.["orderId"];
    if (found || metadata?.["shop"] !== shop || !orderId?.startsWith("ord_")) return found;
    const state = await store.ofOrder(orderId);
    return state.pastIntents.includes(intentId) ? state : undefined;
  }
}

/** What a charge, a refund and a dispute have in common. */
type Told = {
  payment_intent?: string | { id: string } | null;
  metadata?: Record<string, string> | null;
  status?: string | null;
};
