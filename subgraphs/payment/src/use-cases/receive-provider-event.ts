import type Stripe from "stripe";
import type { Deps } from "../deps.ts";
import { applyIntent, undoTask, unknownCapture, type Payment } from "../domain/index.ts";
import { ownedIntent } from "../stripe/intent.ts";
import { settleBooksTask, settleIntentTask } from "./settle-tasks.ts";

/** Types of the events about refunds and disputes, whether they were made here or at the provider. */
export const booksEvents = [
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refunded",
  "charge.refund.updated",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
] as const;
/** Types of the events about how an intent moved on. */
export const intentEvents = [
  "payment_intent.amount_capturable_updated",
  "payment_intent.requires_action",
  "payment_intent.payment_failed",
  "payment_intent.succeeded",
  "payment_intent.canceled",
] as const;

type ReceiveDeps = Pick<Deps, "pg" | "store" | "shop">;

const booksTypes = new Set<string>(booksEvents);
const settleLaterS = 2;

/**
 * Receives an event of the provider, by webhook or from its list of events. Records its id in the transaction that enqueues the
 * reading of the provider; an event that changes nothing here leaves nothing. The event's own data are never believed: they only
 * decide whether a reading is worth a call.
 */
export async function receiveProviderEvent(
  deps: ReceiveDeps,
  { id, type, data }: Stripe.Event,
): Promise<void> {
  if (booksTypes.has(type)) await receiveBooksEvent(deps, id, type, data.object as BooksObject);
  else if (type.startsWith("payment_intent.")) {
    await receiveIntentEvent(deps, id, data.object as Stripe.PaymentIntent);
  }
}

async function receiveIntentEvent(
  { pg, store, shop }: ReceiveDeps,
  eventId: string,
  object: Stripe.PaymentIntent,
): Promise<void> {
  const { intent, orderId } = ownedIntent(object, shop);
  if (orderId === null || store.wasCaptured(intent.id)) return;
  const state = await store.ofOrder(orderId);
  const decision = applyIntent(state, intent, state.version);
  const reason = decision.outcome === "ignored" ? decision.reason : undefined;
  const isLeft = reason === "LEFT_TO_THE_TASK";
  // An event without an effect is not recorded: if it comes again, it is judged again.
  if (reason !== undefined && !isLeft && reason !== unknownCapture) return;
  await pg.transactGrouped("provider events", async (tx) => {
    if (!(await store.provider.recordEvent(tx, eventId))) return;
    const when = { id: `settle-intent:${eventId}`, inSeconds: isLeft ? settleLaterS : 0 };
    settleIntentTask.enqueue(tx, { orderId, intentId: intent.id }, when);
  });
}

/** Our own undo is followed by its task; what was made at the provider is read from the books. */
async function receiveBooksEvent(
  { pg, store, shop }: ReceiveDeps,
  eventId: string,
  type: string,
  object: BooksObject,
): Promise<void> {
  const { payment_intent: intent, status } = object;
  const intentId = typeof intent === "string" ? intent : intent?.id;
  const state = intentId === undefined ? undefined : await paymentOf({ store, shop }, intentId, object);
  if (!state || intentId === undefined) return;
  const { orderId } = state;
  const isOfDispute = type.startsWith("charge.dispute.");
  const isUndoing = state.ended !== null || intentId !== state.intentId;
  if (isUndoing && type === "charge.refunded") return;
  if (isUndoing && !isOfDispute && state.status === "REFUNDED" && status === "succeeded") return;
  await pg.transactGrouped("provider events", async (tx) => {
    if (!(await store.provider.recordEvent(tx, eventId))) return;
    if (isUndoing) {
      const { kind, payload, ...when } = undoTask(orderId, intentId, eventId);
      tx.enqueue(kind, payload, when);
    }
    if (!isUndoing || isOfDispute) {
      settleBooksTask.enqueue(tx, { orderId, intentId }, { id: `settle-books:${eventId}` });
    }
  });
}

/** The payment of an intent; that of a past intent is named by the metadata of our own refunds only. */
async function paymentOf(
  { store, shop }: Pick<ReceiveDeps, "store" | "shop">,
  intentId: string,
  { metadata }: BooksObject,
): Promise<Payment | undefined> {
  const found = await store.ofIntent(intentId);
  const orderId = metadata?.["orderId"];
  if (found || metadata?.["shop"] !== shop || !orderId?.startsWith("ord_")) return found;
  const state = await store.ofOrder(orderId);
  return state.pastIntents.includes(intentId) ? state : undefined;
}

/** The fields that a charge, a refund and a dispute share. */
type BooksObject = {
  payment_intent?: string | { id: string } | null;
  metadata?: Record<string, string> | null;
  status?: string | null;
};
