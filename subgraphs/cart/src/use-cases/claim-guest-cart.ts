import type { Tx } from "@shop/service";
import { checkIdempotencyKey, refOf } from "@shop/values";
import type { Deps } from "../deps.ts";
import { claimCart, type MergeStrategy } from "../domain/claim-cart.ts";
import type { Variants } from "../domain/cart.ts";
import { notFound, type CartResult } from "./edit-cart.ts";
import { idempotentChange, type ChangeAnswer } from "./idempotent-change.ts";

export type ClaimCommand = {
  cartId: string;
  customerId: string;
  strategy: MergeStrategy;
  key: string | undefined;
};

/**
 * Makes a guest cart the customer's current one, under the same id. Freezes the guest cart in Redis before it inserts it in
 * Postgres and removes it from Redis last: a crash in between loses no change and gives the cart to one customer only, who
 * may claim again.
 */
export async function claimGuestCart({ pg, store }: Deps, command: ClaimCommand): Promise<CartResult> {
  const { cartId, customerId, strategy, key } = command;
  const errors = checkIdempotencyKey(key);
  if (errors.length > 0) return { cart: undefined, errors };
  const { cart: guest } = await store.guests.find(cartId);
  const current = (await store.customers.findCurrent([customerId])).get(customerId);
  const lines = [...(guest?.lines ?? []), ...(current?.lines ?? [])];
  const variants = await store.variants.variantsOf(lines.map((line) => line.sku));
  const claim = { caller: customerId, operation: "cartClaim", key, input: { cartId, strategy } };
  // An error here may come after the commit; the guest cart then stays frozen until the customer claims it again.
  const answer = await idempotentChange(pg, claim, (tx) => moveToPostgres(tx, variants));
  const cart = await store.customers.find(cartId);
  const own = cart?.customerId === customerId ? cart : undefined;
  if (own) await store.guests.remove(cartId);
  return { cart: own, errors: answer.errors };

  /**
   * Calls Redis under the customer's lock, against the rule of a unit of work: one claim of the customer must not unfreeze
   * the cart that another is moving.
   */
  async function moveToPostgres(tx: Tx, variants: Variants): Promise<ChangeAnswer> {
    const earlier = await store.customers.lockCurrent(tx, customerId);
    const stored = await store.customers.lock(tx, refOf(cartId));
    if (stored?.customerId === customerId) return { cartId, errors: [] };
    const frozen = stored ? undefined : await store.guests.freeze(cartId, customerId);
    if (!frozen) return { cartId, errors: notFound.errors };
    const claim = claimCart(frozen.cart, earlier, { customerId, strategy }, { variants, now: new Date() });
    if (claim.errors) {
      // This claim also releases the cart that an earlier one froze before it crashed.
      await store.guests.unfreeze(cartId);
      return { cartId, errors: claim.errors };
    }
    if (claim.emptied) await store.customers.save(tx, claim.emptied);
    await store.customers.insert(tx, { ...claim.claimed, customerId });
    await store.customers.insertRecords(tx, cartId, frozen.records);
    return { cartId, errors: [] };
  }
}
