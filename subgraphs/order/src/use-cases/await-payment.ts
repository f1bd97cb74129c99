import { userError } from "@shop/service";
import type { Deps } from "../deps.ts";
import { isEnded, type Order } from "../domain/index.ts";
import { notFound, notPayable, type OrderPayload } from "./answers.ts";

/** How long a payer waits for the provider's answer; it arrives over orderUpdated in any case. */
const timeoutMs = 5_000;

/** Waits until an attempt to pay has an outcome, and answers it. */
export async function awaitPayment(
  { store, live }: Pick<Deps, "store" | "live">,
  orderId: string,
  attempt: number,
): Promise<OrderPayload> {
  let order = await store.find(orderId);
  if (!order) return notFound();
  const updates = live.follow({ of: "order", id: orderId }, order.counter);
  const timer = setTimeout(() => void updates.return?.(), timeoutMs);
  try {
    while (!isSettled(order, attempt)) {
      const next = await updates.next();
      if (next.done) break;
      order = next.value.order;
    }
  } finally {
    clearTimeout(timer);
    await updates.return?.();
  }
  const outcome = firstOutcome(order, attempt);
  if (outcome?.startsWith("PaymentFailed:")) {
    const message = (await rowOf(outcome, order, store))?.message ?? "The payment was declined.";
    return { order, userErrors: [userError("PAYMENT_DECLINED", message, ["paymentMethod"])] };
  }
  if (outcome === undefined && (await wasPaid(order, store))) {
    const message = "The order was paid by another attempt; the payment method given now was not used.";
    return notPayable(order, message);
  }
  // The order ended while the provider was called: the payment is undone, also where it has succeeded by now.
  if (isEnded(order) && (outcome === undefined || (await cameTooLate(outcome, order, store)))) {
    return notPayable(order, `The order ended before it was paid: ${order.statusReason}`);
  }
  return { order, userErrors: [] };
}

type Store = Pick<Deps["store"], "timelines">;

async function wasPaid(order: Order, store: Store): Promise<boolean> {
  if (!isEnded(order)) return order.progress.money !== "NONE";
  // A row of a payment after the end has the end's status.
  const rows = (await store.timelines([order.id])).get(order.id) ?? [];
  return rows.some(({ type, status }) => type === "PAYMENT_PROCESSED" && status !== order.status);
}

async function cameTooLate(outcome: string, order: Order, store: Store): Promise<boolean> {
  if (!outcome.startsWith("PaymentProcessed:")) return false;
  // An end is final, so a row of a payment before the end has another status.
  return (await rowOf(outcome, order, store))?.status === order.status;
}

/** The timeline's row of an outcome: there is one for each, while the order itself keeps only the latest status. */
async function rowOf(outcome: string, { id, progress }: Order, store: Store) {
  const [event, type] = outcome.startsWith("PaymentFailed:")
    ? ["PaymentFailed:", "PAYMENT_FAILED"]
    : ["PaymentProcessed:", "PAYMENT_PROCESSED"];
  const alike = progress.processedKeys.filter((key) => key.startsWith(event));
  const rows = (await store.timelines([id])).get(id)?.filter((row) => row.type === type);
  return rows?.[alike.indexOf(outcome)];
}

/** Also settled when an earlier attempt, still under way at this one's request, has paid: this one is not used. */
function isSettled(order: Order, attempt: number): boolean {
  return isEnded(order) || order.progress.money !== "NONE" || firstOutcome(order, attempt) !== undefined;
}

/**
 * The first outcome of this attempt, as its deduplication key: a replayed call must return what the original call returned,
 * even if 3-D Secure failed later.
 */
function firstOutcome(order: Order, attempt: number): string | undefined {
  const outcomes = ["PaymentActionRequired", "PaymentProcessed", "PaymentFailed"].map(
    (type) => `${type}:${attempt}:`,
  );
  return order.progress.processedKeys.find((key) => outcomes.some((outcome) => key.startsWith(outcome)));
}
