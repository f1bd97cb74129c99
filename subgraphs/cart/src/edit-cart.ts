import type { Identity, Postgres } from "@shop/service";
import { newId } from "@shop/values";
import type { Cart, Edit, EditContext, Refusal } from "./domain/cart.ts";
import { keyReused, receiptInCart, refuseKey, replayOf, type Repeatable } from "./idempotency.ts";
import { onceInPostgres } from "./once-in-postgres.ts";
import type { Store } from "./store/index.ts";

/** The cart as it now stands, and what was refused. */
export type Answer = { cart: Cart | undefined; refusals: Refusal[] };

export type Ask = Repeatable & {
  cartId: string;
  identity: Identity;
  /** SKUs that the change speaks of, besides those in the cart. */
  skus: readonly string[];
  change: (cart: Cart, context: EditContext) => Edit;
};

/** Changes a cart that the caller may change: a guest's for whoever knows its id, a customer's for that customer. */
export async function editCart(pg: Postgres, store: Store, ask: Ask): Promise<Answer> {
  const refusals = refuseKey(ask.key, ["idempotencyKey"]);
  if (refusals.length > 0) return { cart: undefined, refusals };
  if (ask.identity.kind === "guest") return await editGuestCart(store, ask);
  const mine = await store.customers.find(ask.cartId);
  if (!mine) return await editGuestCart(store, ask);
  if (mine.customerId !== ask.identity.userId) return notFound;
  return await editCustomerCart(pg, store, { ...ask, caller: ask.identity.userId }, mine);
}

export const notFound: Answer = {
  cart: undefined,
  refusals: [{ code: "NOT_FOUND", message: "There is no such cart.", field: ["cartId"] }],
};

async function editGuestCart(store: Store, ask: Ask): Promise<Answer> {
  const { guests } = store;
  const receipt = receiptInCart(ask);
  const found = await guests.find(ask.cartId, receipt);
  if (receipt && found.recorded) return repeat(found.recorded, receipt, found.cart);
  let cart = found.isClaimed ? undefined : found.cart;
  while (cart) {
    const edit = ask.change(cart, await contextOf(store, ask, cart));
    if (edit.refusals) return { cart, refusals: edit.refusals };
    if (edit.cart === cart) return { cart, refusals: [] };
    const committed = await guests.commit(edit.cart, { client: ask.identity.client }, receipt);
    switch (committed.outcome) {
      case "done":
        return { cart: edit.cart, refusals: [] };
      case "recorded":
        return repeat(committed.value, receipt, (await guests.find(ask.cartId)).cart);
      case "claimed":
        return notFound;
      case "moved":
        // Someone's change went through each time, so this ends.
        cart = committed.cart;
    }
  }
  return notFound;
}

function repeat(recorded: string, receipt: { value: string } | undefined, cart: Cart | undefined): Answer {
  if (!receipt || !replayOf(recorded, receipt)) return { cart, refusals: [keyReused] };
  return cart ? { cart, refusals: [] } : notFound;
}

async function editCustomerCart(
  pg: Postgres,
  store: Store,
  ask: Ask & { caller: string },
  before: Cart,
): Promise<Answer> {
  // Read before the lock is taken: a line's SKU never changes, and a transaction must not wait for the cache.
  const context = await contextOf(store, ask, before);
  const { cartId, caller, operation, key, input } = ask;
  const receipt = receiptInCart(ask);
  let now: Cart | undefined;
  const { refusals } = await onceInPostgres(pg, { caller, operation, key, input }, async (tx) => {
    const earlier = receipt && (await store.customers.findReceipt(tx, cartId, receipt.key));
    if (receipt && earlier) return { cartId, refusals: replayOf(earlier, receipt) ? [] : [keyReused] };
    const cart = await store.customers.lock(tx, cartId);
    if (!cart) return { cartId, refusals: notFound.refusals };
    const edit = ask.change(cart, context);
    now = edit.cart ?? cart;
    if (edit.cart && edit.cart !== cart) await store.customers.save(tx, edit.cart);
    return { cartId, refusals: edit.refusals ?? [] };
  });
  return { cart: now ?? (await store.customers.find(cartId)), refusals };
}

async function contextOf(store: Store, ask: Ask, cart: Cart): Promise<EditContext> {
  const skus = [...ask.skus, ...cart.lines.map((line) => line.sku)];
  const variants = await store.variants.variantsOf(skus);
  return { variants, now: new Date(), newLineId: () => newId("line") };
}
