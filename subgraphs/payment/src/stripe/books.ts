import type Stripe from "stripe";
import type { Books, Dispute } from "../domain/index.ts";
import { fromStripe } from "./amount.ts";

/** Reads what was captured, refunded and disputed of an intent, here or at the provider. */
export async function booksOf(stripe: Stripe, intentId: string): Promise<Books> {
  const of = { payment_intent: intentId, limit: 100 };
  const [intent, refunds, disputes] = await Promise.all([
    stripe.paymentIntents.retrieve(intentId),
    stripe.refunds.list(of),
    stripe.disputes.list(of),
  ]);
  const minor = (units: number) => fromStripe(units, intent.currency).amount;
  const standing = refunds.data.filter(({ status }) => status !== "failed" && status !== "canceled");
  const found = disputes.data.map((one): Dispute => {
    return { id: one.id, status: disputeStatus(one.status), amount: minor(one.amount), reason: one.reason };
  });
  return {
    intentId,
    captured: minor(intent.amount_received),
    refunded: minor(standing.reduce((sum, { amount }) => sum + amount, 0)),
    dispute: found.find(({ status }) => status === "OPEN") ?? found[0] ?? null,
  };
}

/** An inquiry (warning_…) is open like any other; closed without more, it is the shop's. */
export function disputeStatus(status: Stripe.Dispute.Status): Dispute["status"] {
  switch (status) {
    case "lost":
      return "LOST";
    case "won":
    case "warning_closed":
    case "prevented":
      return "WON";
    default:
      return "OPEN";
  }
}
