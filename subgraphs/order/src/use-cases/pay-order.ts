import { idempotent, IdempotencyKeyReused, type Identity, userError } from "@shop/service";
import { z } from "zod";
import { type Order, isEnded } from "../domain/index.ts";
import type { CheckoutDoors } from "./checkout/checkout.ts";
import type { MutationOrderPayArgs } from "../generated/resolvers.ts";
import { payerOf, refuseCardTester } from "../store/declines.ts";
import type { Live } from "../live/live-updates.ts";
import { idempotencyKey, paymentMethod, type Refusal, refusalsOf } from "./checkout/read-input.ts";
import { maySee } from "../visibility.ts";

export type OrderPayload = { order: Order | null; userErrors: Refusal[] };

/** How long a payer waits for the provider's answer; it comes over orderUpdated in any case. */
const patienceMs = 5_000;

type Attempted = { attempt: number | null; reason?: string };

const form = z.object({ paymentMethod, idempotencyKey });

/** RequestInput for a payment (again), once per key, and waits a little for its outcome. */
export async function payOrder(
  args: MutationOrderPayArgs,
  identity: Identity,
  doors: CheckoutDoors & { live: Live },
): Promise<OrderPayload> {
  const { kit, store, live } = doors;
  const read = form.safeParse(args);
  if (!read.success) return { order: null, userErrors: refusalsOf(read.error) };
  const order = await store.find(args.orderId);
  if (!order || !maySee(order, { identity, token: args.token, tokens: doors.tokens })) return notFound();
  const paymentToken = read.data.paymentMethod.token;
  const payer = payerOf(identity);
  const claim = {
    caller: identity.kind === "user" ? identity.userId : order.id,
    operation: "orderPay",
    key: args.idempotencyKey,
    input: { orderId: order.id, paymentToken },
  };
  try {
    const { answer } = await idempotent<Attempted>(kit.pg, claim, async (tx) => {
      refuseCardTester(await store.declineWait(tx, payer));
      const sealed = kit.sealFor("payment", paymentToken);
      const { client, customerId: payerId } = payer;
      const wish = { type: "PayOrder", paymentToken: sealed, client: client ?? undefined, payerId } as const;
      const { decision } = await store.change(tx, order.id, wish);
      if (decision.outcome === "ignored") {
        return { keep: false, answer: { attempt: null, reason: decision.reason } };
      }
      return { keep: true, answer: { attempt: decision.state.progress.attempt } };
    });
    if (answer.attempt === null) {
      const message =
        answer.reason === "TOO_MANY_ATTEMPTS"
          ? "So many attempts to pay this order have failed that it takes no more. Order again to pay."
          : "The order is paid already, has expired, or can't be paid any more.";
      return {
        order: (await store.find(order.id)) ?? null,
        userErrors: [userError("ORDER_NOT_PAYABLE", message)],
      };
    }
    return await outcomeOf(order.id, answer.attempt, { store, live });
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return { order, userErrors: [error.userError] };
    throw error;
  }
}

async function outcomeOf(
  orderId: string,
  attempt: number,
  { store, live }: Pick<CheckoutDoors, "store"> & { live: Live },
): Promise<OrderPayload> {
  let order = await store.find(orderId);
  if (!order) return notFound();
  const news = live.follow({ of: "order", id: orderId }, order.counter);
  const timer = setTimeout(() => void news.return?.(), patienceMs);
  try {
    while (!isAnswered(order, attempt)) {
      const next = await news.next();
      if (next.done) break;
      order = next.value.order;
    }
  } finally {
    clearTimeout(timer);
    await news.return?.();
  }
  const told = firstAnswer(order, attempt);
  if (told?.startsWith("PaymentFailed:")) {
    const row = await rowOf(told, order, store);
    const message = row?.message ?? "The payment was declined.";
    return { order, userErrors: [userError("PAYMENT_DECLINED", message, ["paymentMethod"])] };
  }
  if (told === undefined && (await wasPaid(order, store))) {
    const message = "The order was paid by another attempt; the payment method given now was not used.";
    return { order, userErrors: [userError("ORDER_NOT_PAYABLE", message)] };
  }
  // It ended while the provider was being asked: whatever the provider says is undone, also if it has said so by now.
  if (isEnded(order) && (told === undefined || (await cameTooLate(told, order, store)))) {
    const message = `The order ended before it was paid: ${order.statusReason}`;
    return { order, userErrors: [userError("ORDER_NOT_PAYABLE", message)] };
  }
  return { order, userErrors: [] };
}

async function wasPaid(order: Order, store: CheckoutDoors["store"]): Promise<boolean> {
  if (!isEnded(order)) return order.progress.money !== "NONE";
  // What came after the end has a row with the end's status.
  const rows = (await store.timelines([order.id])).get(order.id) ?? [];
  return rows.some(({ type, status }) => type === "PAYMENT_PROCESSED" && status !== order.status);
}

async function cameTooLate(told: string, order: Order, store: CheckoutDoors["store"]): Promise<boolean> {
  if (!told.startsWith("PaymentProcessed:")) return false;
  // How an order has ended stays, so whatever came before the end has a row with another status.
  return (await rowOf(told, order, store))?.status === order.status;
}

/** The row of the timeline that tells of it: there is one for each, and the order itself forgets what was said before. */
async function rowOf(told: string, { id, progress }: Order, store: CheckoutDoors["store"]) {
  const isDecline = told.startsWith("PaymentFailed:");
  const [event, shown] = isDecline
    ? ["PaymentFailed:", "PAYMENT_FAILED"]
    : ["PaymentProcessed:", "PAYMENT_PROCESSED"];
  const alike = progress.heard.filter((telling) => telling.startsWith(event));
  const rows = (await store.timelines([id])).get(id)?.filter(({ type }) => type === shown);
  return rows?.[alike.indexOf(told)];
}

/** Also when an earlier attempt, still under way when this one was asked for, has paid: nothing will come of this one. */
function isAnswered(order: Order, attempt: number): boolean {
  return isEnded(order) || order.progress.money !== "NONE" || firstAnswer(order, attempt) !== undefined;
}

/** The first, so that a replay tells what was told then, also after 3-D Secure has failed meanwhile. */
function firstAnswer(order: Order, attempt: number): string | undefined {
  const answers = ["PaymentActionRequired", "PaymentProcessed", "PaymentFailed"].map(
    (type) => `${type}:${attempt}:`,
  );
  return order.progress.heard.find((telling) => answers.some((answer) => telling.startsWith(answer)));
}

export function notFound(): OrderPayload {
  return { order: null, userErrors: [userError("NOT_FOUND", "There is no such order.", ["orderId"])] };
}
