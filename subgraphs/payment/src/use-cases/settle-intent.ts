import type { Tx } from "@shop/service";
import type Stripe from "stripe";
import type { Deps } from "../deps.ts";
import { adoptCapture, applyIntent, unknownCapture, type Intent, type ParkReason } from "../domain/index.ts";
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

/** False when the payment changed meanwhile. */
async function adopt(
  deps: Deps,
  orderId: string,
  intent: Intent,
  { amount_received: received }: Stripe.PaymentIntent,
  asOf: number,
): Promise<boolean> {
  const { pg, store, log } = deps;
  const order = await deps.standingOf(orderId);
  const isPaidBack = (await paidBackOf(deps, intent.id)) >= received;
  return pg.transact(async (tx) => {
    // Nothing is left to do about a capture that was paid back before its order was over and deleted.
    if (isPaidBack && order.outcome === "unknown") {
      await park(deps, tx, orderId, intent, "UNKNOWN_ORDER", true);
      return true;
    }
    let outcome: ReturnType<typeof adoptCapture> | undefined;
    await store.change(tx, orderId, (state) => {
      outcome = adoptCapture(state, intent, order, asOf);
      return outcome.outcome === "parked" ? { outcome: "ignored", reason: outcome.reason } : outcome;
    });
    if (outcome?.outcome === "parked") {
      await park(deps, tx, orderId, intent, outcome.reason, isPaidBack);
      return true;
    }
    if (outcome?.outcome !== "changed") return false;
    await store.parked.resolve(tx, intent.id);
    // The capture may have been refunded or disputed before it was adopted.
    settleBooksTask.enqueue(tx, { orderId, intentId: intent.id }, { id: `settle-books:${intent.id}` });
    const { status } = outcome.state;
    log.warn({ orderId, intentId: intent.id, status }, "a capture that no payment owned was adopted");
    return true;
  });
}

async function park(
  { store, log }: Deps,
  tx: Tx,
  orderId: string,
  { id: intentId, received = null }: Intent,
  reason: ParkReason,
  isResolved: boolean,
): Promise<void> {
  if (!(await store.parked.park(tx, { intentId, orderId, received, reason }, isResolved))) return;
  tx.afterCommit(() =>
    alarmParked(
      log,
      reason,
      { orderId, intentId },
      "money at the provider that no order of ours accounts for: see parkedPayments",
    ),
  );
}

/** What was paid back of an intent, in the provider's units. */
async function paidBackOf({ stripe }: Deps, intentId: string): Promise<number> {
  const { data } = await fromProvider(() => stripe.refunds.list({ payment_intent: intentId, limit: 100 }));
  return data.reduce((sum, { status, amount }) => sum + (status === "succeeded" ? amount : 0), 0);
}
