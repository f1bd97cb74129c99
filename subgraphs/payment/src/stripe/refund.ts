import type Stripe from "stripe";
import type { Deps } from "../deps.ts";
import type { Call, CallResult } from "../domain/index.ts";
import { fromStripe } from "./amount.ts";
import { disputeStatus } from "./books.ts";
import { classifyError } from "./errors.ts";

/** Refunds of one payment that may fail before they are left to staff. */
const maxFailedRefunds = 5;

type Refunded = Pick<Extract<Call, { op: "undo" }>, "orderId" | "intentId">;
type RefundDeps = Pick<Deps, "stripe" | "shop">;

/**
 * Refunds all that is left, and returns how far that got: a refund may be pending for days, and fail even after it had
 * succeeded. A refund that failed is made again under another key; after `maxFailedRefunds` the refunds are only read.
 */
export async function refund(deps: RefundDeps, of: Refunded, tries: number): Promise<CallResult> {
  const { stripe } = deps;
  const { orderId, intentId } = of;
  const made = await refundsOf(stripe, intentId);
  const failed = made.filter(hasFailed).length;
  // Never a second refund beside a pending one, which may still be paid back.
  if (made.some(isPending)) return resultOf(intentId, made, false);
  if (failed >= maxFailedRefunds) {
    const { amount_received: received } = await stripe.paymentIntents.retrieve(intentId);
    return resultOf(intentId, made, paidBackOf(made) >= received);
  }
  const key = `${orderId}:refund:${intentId}:${failed}:${tries}`;
  let asked = await refundTheRest(deps, of, key);
  if (asked === "disputed") {
    const disputes = (await stripe.disputes.list({ payment_intent: intentId, limit: 100 })).data;
    // Stripe repeats a refusal of the time of the dispute under its key, also once the dispute is won.
    const isWon = disputes.length > 0 && disputes.every((one) => disputeStatus(one.status) === "WON");
    if (isWon) asked = await refundTheRest(deps, of, `${key}:won:${disputes.length}`);
    if (asked === "disputed") return resultOfDispute(intentId, made, disputes);
  }
  // Nothing was left: another caller has refunded since the list was read.
  if (!asked) return resultOf(intentId, await refundsOf(stripe, intentId), true);
  // A replay has its refund as it was: the list is newer.
  const known = made.find((one) => one.id === asked.id);
  return resultOf(intentId, known ? made : [asked, ...made], (known ?? asked).status === "succeeded");
}

async function refundsOf(stripe: Stripe, intentId: string): Promise<Stripe.Refund[]> {
  return (await stripe.refunds.list({ payment_intent: intentId, limit: 100 })).data;
}

/** Undefined when nothing is left to refund. */
async function refundTheRest(
  { stripe, shop }: RefundDeps,
  { orderId, intentId }: Refunded,
  idempotencyKey: string,
) {
  try {
    const params = { payment_intent: intentId, metadata: { orderId, shop } };
    return await stripe.refunds.create(params, { idempotencyKey });
  } catch (error) {
    const { kind } = classifyError(error);
    if (kind === "refunded") return undefined;
    if (kind === "disputed") return kind;
    throw error;
  }
}

/** An open dispute leaves the refund open; a lost one has given the money to the customer, and nothing is left to refund. */
function resultOfDispute(
  intentId: string,
  made: readonly Made[],
  disputes: readonly Pick<Stripe.Dispute, "status" | "amount" | "currency">[],
): CallResult {
  const lost = disputes.filter(({ status }) => disputeStatus(status) === "LOST");
  const units = paidBackOf(made) + lost.reduce((sum, { amount }) => sum + amount, 0);
  const currency = disputes[0]?.currency ?? made[0]?.currency;
  const amount = currency === undefined ? 0 : fromStripe(units, currency).amount;
  if (lost.length > 0) return { kind: "refunded", intentId, amount };
  return { kind: "refund-open", intentId, amount, failed: made.filter(hasFailed).length, isPending: true };
}

type Made = Pick<Stripe.Refund, "status" | "amount" | "currency">;

function resultOf(intentId: string, made: readonly Made[], isAll: boolean): CallResult {
  if (!made[0]) throw new Error("Stripe: nothing was refunded");
  const { amount } = fromStripe(paidBackOf(made), made[0].currency);
  const waits = made.some(isPending);
  if (isAll && !waits) return { kind: "refunded", intentId, amount };
  return { kind: "refund-open", intentId, amount, failed: made.filter(hasFailed).length, isPending: waits };
}

function hasFailed({ status }: Made): boolean {
  return status === "failed" || status === "canceled";
}

function isPending(one: Made): boolean {
  return one.status !== "succeeded" && !hasFailed(one);
}

function paidBackOf(made: readonly Made[]): number {
  return made.reduce((sum, { status, amount }) => sum + (status === "succeeded" ? amount : 0), 0);
}
