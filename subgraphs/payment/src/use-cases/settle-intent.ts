import type { RequestReply } from "@shop/events";
import type { Logger, Postgres } from "@shop/service";
import { Counter } from "prom-client";
import type Stripe from "stripe";
import { adoptCapture, applyIntent, unknownCapture, type Intent } from "../domain/index.ts";
import type { ParkedIntents } from "../store/parked-intents.ts";
import type { Store } from "../store/payments.ts";
import { ours } from "../stripe/intent.ts";
import { withoutSecrets } from "../stripe/errors.ts";

export type Settle = (orderId: string, intentId: string) => Promise<void>;

type Parts = {
  pg: Postgres;
  store: Store;
  parked: ParkedIntents;
  stripe: Stripe;
  shop: string;
  /** What order knows of an order; throws when order doesn't answer. */
  standingOf: (orderId: string) => Promise<RequestReply<"order.standing">>;
  log: Pick<Logger, "error" | "warn">;
};

const mostReadings = 5;

/** Looks at the intent as it is now and moves the payment forward to it; reads again when the payment moved meanwhile. */
export function settling({ pg, store, parked, stripe, shop, standingOf, log }: Parts): Settle {
  return async (orderId, intentId) => {
    for (let reading = 1; reading <= mostReadings; reading++) {
      const { version } = await store.ofOrder(orderId);
      const found = await fromProvider(() => stripe.paymentIntents.retrieve(intentId));
      const { intent } = ours(found, shop);
      const decision = await pg.transact(async (tx) => {
        const read = await store.change(tx, orderId, (state) => applyIntent(state, intent, version));
        if (read.outcome === "changed") await parked.resolve(tx, intentId);
        return read;
      });
      const reason = decision.outcome === "ignored" ? decision.reason : undefined;
      if (reason === unknownCapture) {
        if (await adopt(orderId, intent, found.amount_received, version)) return;
      } else if (reason !== "STALE_READING") return;
    }
    throw new Error(`the payment of ${orderId} did not stand still`);
  };

  /** False when the payment moved meanwhile. */
  async function adopt(orderId: string, intent: Intent, received: number, version: number): Promise<boolean> {
    const order = await standingOf(orderId);
    const isPaidBack = (await paidBackOf(intent.id)) >= received;
    return pg.transact(async (tx) => {
      // What was paid back before its order was over and forgotten is nobody's matter any more.
      if (isPaidBack && order.outcome === "unknown") {
        await park(tx, orderId, intent, "UNKNOWN_ORDER", true);
        return true;
      }
      let outcome: ReturnType<typeof adoptCapture> | undefined;
      await store.change(tx, orderId, (state) => {
        outcome = adoptCapture(state, intent, order, version);
        return outcome.outcome === "parked" ? { outcome: "ignored", reason: outcome.reason } : outcome;
      });
      if (outcome?.outcome === "parked") {
        await park(tx, orderId, intent, outcome.reason, isPaidBack);
        return true;
      }
      if (outcome?.outcome !== "changed") return false;
      await parked.resolve(tx, intent.id);
      // What was paid back or disputed before.
      tx.enqueue("look", { orderId, intentId: intent.id }, { id: `look:${intent.id}` });
      const { status } = outcome.state;
      log.warn({ orderId, intentId: intent.id, status }, "a capture that no payment owned was adopted");
      return true;
    });
  }

  async function park(
    tx: Parameters<ParkedIntents["park"]>[0],
    orderId: string,
    { id: intentId, received = null }: Intent,
    reason: Parameters<ParkedIntents["park"]>[1]["reason"],
    isResolved: boolean,
  ): Promise<void> {
    if (!(await parked.park(tx, { intentId, orderId, received, reason }, isResolved))) return;
    tx.afterCommit(() => {
      parkedTotal.inc({ reason });
      log.error(
        { orderId, intentId, reason },
        "money at the provider that no order of ours accounts for: see parkedPayments",
      );
    });
  }

  async function paidBackOf(intentId: string): Promise<number> {
    const { data } = await fromProvider(() => stripe.refunds.list({ payment_intent: intentId, limit: 100 }));
    return data.reduce((sum, { status, amount }) => sum + (status === "succeeded" ? amount : 0), 0);
  }
}

async function fromProvider<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw withoutSecrets(error);
  }
}

const parkedTotal = new Counter({
  name: "shop_payment_parked_total",
  help: "Captures at the provider that no payment owns and that were left to a person",
  labelNames: ["reason"],
});
