import type { Decision } from "@shop/events";
import type { Postgres } from "@shop/service";
import type Stripe from "stripe";
import { readIntent, type Payment } from "./domain/index.ts";
import type { Store } from "./store.ts";
import { ours } from "./stripe/read.ts";
import { withoutSecrets } from "./stripe/refusal.ts";

export type Settle = (orderId: string, intentId: string) => Promise<Decision<Payment>>;

const mostReadings = 5;

/** Looks at the intent as it is now and moves the payment forward to it; reads again when the payment moved meanwhile. */
export function settling(parts: { pg: Postgres; store: Store; stripe: Stripe; shop: string }): Settle {
  const { pg, store, stripe, shop } = parts;
  return async (orderId, intentId) => {
    for (let reading = 1; reading <= mostReadings; reading++) {
      const { version } = await store.ofOrder(orderId);
      const found = await stripe.paymentIntents.retrieve(intentId).catch((error: unknown) => {
        throw withoutSecrets(error);
      });
      const { intent } = ours(found, shop);
      const decision = await pg.transact((tx) =>
        store.change(tx, orderId, (state) => readIntent(state, intent, version)),
      );
      if (decision.outcome === "changed" || decision.reason !== "STALE_READING") return decision;
    }
    throw new Error(`the payment of ${orderId} did not stand still`);
  };
}
