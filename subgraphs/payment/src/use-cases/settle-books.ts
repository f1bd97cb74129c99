import type { Postgres } from "@shop/service";
import type Stripe from "stripe";
import { applyBooks } from "../domain/index.ts";
import type { Store } from "../store/payments.ts";
import { booksOf } from "../stripe/books.ts";
import { withoutSecrets } from "../stripe/errors.ts";

export type Look = (orderId: string, intentId: string) => Promise<void>;

const mostReadings = 5;

/** Reads the provider's books of an intent and moves the payment forward to them; again when it moved meanwhile. */
export function looking({ pg, store, stripe }: { pg: Postgres; store: Store; stripe: Stripe }): Look {
  return async (orderId, intentId) => {
    for (let reading = 1; reading <= mostReadings; reading++) {
      const { version } = await store.ofOrder(orderId);
      const books = await booksOf(stripe, intentId).catch((error: unknown) => {
        throw withoutSecrets(error);
      });
      const decision = await pg.transact((tx) =>
        store.change(tx, orderId, (state) => applyBooks(state, books, version)),
      );
      if (decision.outcome === "changed" || decision.reason !== "STALE_READING") return;
    }
    throw new Error(`the payment of ${orderId} did not stand still`);
  };
}
