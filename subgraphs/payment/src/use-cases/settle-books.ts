import type { Deps } from "../deps.ts";
import { applyBooks } from "../domain/index.ts";
import { booksOf } from "../stripe/books.ts";
import { readFresh } from "./read-fresh.ts";

/** Reads the provider's books of an intent and moves the payment forward to them. */
export async function settleBooks(deps: Deps, orderId: string, intentId: string): Promise<void> {
  const { pg, store, stripe } = deps;
  await readFresh(
    deps,
    orderId,
    () => booksOf(stripe, intentId),
    async (books, asOf) => {
      const decision = await pg.transact((tx) =>
        store.change(tx, orderId, (state) => applyBooks(state, books, asOf)),
      );
      return decision.outcome === "changed" || decision.reason !== "STALE_READING";
    },
  );
}
