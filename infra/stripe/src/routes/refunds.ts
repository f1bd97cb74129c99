import { amountOf, doesSucceed, metadataOf, text } from "../form.ts";
import { newId } from "../new-id.ts";
import { limitOf, page } from "../paging.ts";
import type { Intent } from "../payment-intent.ts";
import { badRequest, missingParameter, noSuch } from "../stripe-error.ts";
import { refund, settleRefund, type Refund } from "../refund.ts";
import { intentOf, type RouteDeps, type Routes } from "./route.ts";

export function refundRoutes({ store, faults, emit }: RouteDeps): Routes {
  function refundOf(id: string): Refund {
    const found = store.refund(id);
    if (!found) throw noSuch("refund", id);
    return found;
  }

  return {
    "POST /v1/refunds": {
      accepts: ["payment_intent", "amount", "reason", "metadata"],
      handle({ params, now }) {
        const id = text(params, "payment_intent");
        if (!id) throw missingParameter("payment_intent");
        const intent = intentOf(store, id);
        if (store.disputesOf(intent.id).some(({ status }) => status !== "won")) {
          throw badRequest("charge_disputed", `Charge ${intent.latest_charge} has been charged back.`);
        }
        const amount = amountOf(params, "amount");
        const reason = text(params, "reason");
        const made = refund(intent, store.refundsOf(intent.id), {
          id: newId("re"),
          metadata: metadataOf(params),
          created: now,
          isPending: Math.random() < faults.pendingRefunds,
          ...(amount !== undefined && { amount }),
          ...(reason !== undefined && { reason }),
        });
        store.saveRefund(made);
        emit("refund.created", made);
        emit("charge.refunded", chargeOf(intent, store.refundsOf(intent.id)));
        return made;
      },
    },
    "GET /v1/refunds": {
      accepts: ["payment_intent", "limit", "starting_after"],
      handle({ params }) {
        const intent = text(params, "payment_intent");
        const limit = limitOf(params);
        const after = text(params, "starting_after");
        return page("/v1/refunds", intent ? store.refundsOf(intent) : store.refunds(after, limit + 1), limit);
      },
    },
    "GET /v1/refunds/:id": { accepts: [], handle: ({ id }) => refundOf(id) },
    "POST /v1/test/refunds/:id/settle": {
      accepts: ["outcome"],
      handle({ id, params }) {
        const { refund: settled, events } = settleRefund(refundOf(id), doesSucceed(params));
        store.saveRefund(settled);
        for (const type of events) emit(type, settled);
        return settled;
      },
    },
  };
}

/** The charge as an event about refunds shows it. */
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
