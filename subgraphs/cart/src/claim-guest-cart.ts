import type { Postgres, Tx } from "@shop/service";
import { claimCart, type MergeStrategy } from "./domain/claim-cart.ts";
import type { Variants } from "./domain/cart.ts";
import { notFound, type Answer } from "./edit-cart.ts";
import { refuseKey } from "./idempotency.ts";
import { onceInPostgres, type Outcome } from "./once-in-postgres.ts";
import type { Store } from "./store/index.ts";

export type ClaimAsk = {
  cartId: string;
  customerId: string;
  strategy: MergeStrategy;
  key: string | undefined;
};

/**
 * Makes a guest cart the customer's current one, under the id that the client knows. The guest cart is frozen in Redis
 * first, so that whatever dies in between, no change is lost and nobody gets it twice; the same customer may try again.
 */
export async function claimGuestCart(pg: Postgres, store: Store, ask: ClaimAsk): Promise<Answer> {
  const { cartId, customerId, strategy, key } = ask;
  const refusals = refuseKey(key, ["idempotencyKey"]);
  if (refusals.length > 0) return { cart: undefined, refusals };
  const { cart: guest } = await store.guests.find(cartId);
  const current = (await store.customers.findCurrent([customerId])).get(customerId);
  const lines = [...(guest?.lines ?? []), ...(current?.lines ?? [])];
  const variants = await store.variants.variantsOf(lines.map((line) => line.sku));
  const claim = { caller: customerId, operation: "cartClaim", key, input: { cartId, strategy } };
  // When this throws it may have been committed: the guest cart then stays frozen, for the customer to claim again.
  const outcome = await onceInPostgres(pg, claim, (tx) => take(tx, variants));
  const cart = await store.customers.find(cartId);
  const mine = cart?.customerId === customerId ? cart : undefined;
  if (mine) await store.guests.remove(cartId);
  return { cart: mine, refusals: outcome.refusals };

  /**
   * Redis is asked under the customer's lock, against the rule: two claims of theirs must not see each other's freezing,
   * or one would let go of what the other is taking.
   */
  async function take(tx: Tx, variants: Variants): Promise<Outcome> {
    const mine = await store.customers.lockCurrent(tx, customerId);
    const stored = await store.customers.lock(tx, cartId);
    if (stored?.customerId === customerId) return { cartId, refusals: [] };
    const frozen = stored ? undefined : await store.guests.freeze(cartId, customerId);
    if (!frozen) return { cartId, refusals: notFound.refusals };
    const { cart: guest, receipts } = frozen;
    const claim = claimCart(guest, mine, { customerId, strategy }, { variants, now: new Date() });
    if (claim.refusals) {
      // Also when an earlier claim froze it and was never heard of again.
      await store.guests.unfreeze(cartId);
      return { cartId, refusals: claim.refusals };
    }
    if (claim.emptied) await store.customers.save(tx, claim.emptied);
    await store.customers.insert(tx, { ...claim.claimed, customerId });
    await store.customers.keepReceipts(tx, cartId, receipts);
    return { cartId, refusals: [] };
  }
}
