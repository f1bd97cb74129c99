import { ignored } from "@shop/events";
import type Stripe from "stripe";
import type { Deps } from "../deps.ts";
import { adoptCapture, applyIntent, unknownCapture, type Intent } from "../domain/index.ts";
import { ownedIntent } from "../stripe/intent.ts";
import { alarmParked } from "./alarm-parked.ts";
import { fromProvider, readFresh } from "./read-fresh.ts";
import { settleBooksTask } from "./settle-tasks.ts";

/** Reads an intent at the provider and moves the payment forward to it; adopts or parks a capture that no payment owns. */
export async function settleIntent(deps: Deps, orderId: string, intentId: string): Promise<void> {
  const { pg, store, stripe, shop } = deps;
  await readFresh(
    deps,
    orderId,
    () => stripe.paymentIntents.retrieve(intentId),
    async (found, asOf) => {
      const { intent } = ownedIntent(found, shop);
      const decision = await pg.transact(async (tx) => {
        const applied = await store.change(tx, orderId, (state) => applyIntent(state, intent, asOf));
        if (applied.outcome === "changed") await store.parked.resolve(tx, intentId);
        return applied;
      });
      if (decision.outcome === "changed") return true;
      if (decision.reason === unknownCapture) return adopt(deps, orderId, intent, found, asOf);
      return decision.reason !== "STALE_READING";
    },
  );
}

/** Adopts or parks a capture; false when the payment changed meanwhile. */
async function adopt(
  deps: Deps,
  orderId: string,
  intent: Intent,
  { amount_received: received }: Stripe.PaymentIntent,
  asOf: number,
): Promise<boolean> {
  const { pg, store, log } = deps;
  const order = await deps.standingOf(orderId);
  // Nothing is left to do about such a capture, as of an order that was over, paid back and deleted.
  const isPaidBack = (await paidBackOf(deps, intent.id)) >= received;
  const fields = { orderId, intentId: intent.id };
  return pg.transact(async (tx) => {
    let outcome: ReturnType<typeof adoptCapture> | undefined;
    await store.change(tx, orderId, (state) => {
      outcome = adoptCapture(state, intent, order, asOf);
      return outcome.outcome === "parked" ? ignored(outcome.reason) : outcome;
    });
    if (outcome?.outcome === "parked") {
      const { reason } = outcome;
      const parked = { ...fields, received: intent.received ?? null, reason };
      const isNew = await store.parked.park(tx, parked, isPaidBack);
      if (isNew) tx.afterCommit(() => alarmParked(log, reason, fields, unaccounted));
      return true;
    }
    if (outcome?.outcome !== "changed") return false;
    await store.parked.resolve(tx, intent.id);
    // The capture may have been refunded or disputed before it was adopted.
    settleBooksTask.enqueue(tx, fields, { id: `settle-books:${intent.id}` });
    log.warn({ ...fields, status: outcome.state.status }, "a capture that no payment owned was adopted");
    return true;
  });
}

const unaccounted = "money at the provider that no order of ours accounts for: see parkedPayments";

/** The amount that an intent has paid back, in the provider's units. */
async function paidBackOf({ stripe }: Deps, intentId: string): Promise<number> {
  const { data } = await fromProvider(() => stripe.refunds.list({ payment_intent: intentId, limit: 100 }));
  return data.reduce((sum, { status, amount }) => sum + (status === "succeeded" ? amount : 0), 0);
}
