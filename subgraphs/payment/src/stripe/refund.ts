import type Stripe from "stripe";
import type { Call, CallResult } from "../domain/index.ts";
import { fromStripe } from "./amount.ts";
import { disputeStatus } from "./books.ts";
import { refusalOf } from "./errors.ts";

/** Refunds of one payment that may fail before a person has to see to it. */
const mostRefunds = 5;

type Wanted = Pick<Extract<Call, { op: "undo" }>, "orderId" | "intentId">;

/**
 * Pays back all that is left, and says how far that got: a refund may be pending for days, and fail even after it had
 * succeeded. One that failed is made again under another key; what failed too often is only looked at from then on.
 */
export function refunding(stripe: Stripe, shop: string) {
  return async ({ orderId, intentId }: Wanted, tries: number): Promise<CallResult> => {
    const made = await refundsOf(intentId);
    const failed = made.filter(hasFailed).length;
    if (made.some(isPending)) return reportOf(intentId, made, false);
    if (failed >= mostRefunds) {
      const { amount_received: received } = await stripe.paymentIntents.retrieve(intentId);
      return reportOf(intentId, made, paidBackOf(made) >= received);
    }
    const key = `${orderId}:refund:${intentId}:${failed}:${tries}`;
    let asked = await refundTheRest({ orderId, intentId }, key);
    if (asked === "disputed") {
      const disputes = (await stripe.disputes.list({ payment_intent: intentId, limit: 100 })).data;
      // What was refused while it was disputed is refused again under the same key, also once the dispute is won.
      const isWon = disputes.length > 0 && disputes.every((one) => disputeStatus(one.status) === "WON");
      if (isWon) asked = await refundTheRest({ orderId, intentId }, `${key}:won:${disputes.length}`);
      if (asked === "disputed") return reportOfDispute(intentId, made, disputes);
    }
    // Nothing was left: somebody was faster since the list was made. A replay shows its refund as it was: the list is newer.
    if (!asked) return reportOf(intentId, await refundsOf(intentId), true);
    const known = made.find((one) => one.id === asked.id);
    return reportOf(intentId, known ? made : [asked, ...made], (known ?? asked).status === "succeeded");
  };

  async function refundsOf(intentId: string): Promise<Stripe.Refund[]> {
    return (await stripe.refunds.list({ payment_intent: intentId, limit: 100 })).data;
  }

  /** Undefined when nothing is left to pay back. */
  async function refundTheRest({ orderId, intentId }: Wanted, idempotencyKey: string) {
    try {
      const params = { payment_intent: intentId, metadata: { orderId, shop } };
      return await stripe.refunds.create(params, { idempotencyKey });
    } catch (error) {
      const { kind } = refusalOf(error);
      if (kind === "refunded") return undefined;
      if (kind === "disputed") return kind;
      throw error;
    }
  }
}

/** The bank has the money until it is decided whose it is; lost, it is with the customer, and nothing is left to pay back. */
function reportOfDispute(
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

function reportOf(intentId: string, made: readonly Made[], isAll: boolean): CallResult {
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
