import type { Identity } from "@shop/service";
import { checkIdempotencyKey, newId, refOf, userError } from "@shop/values";
import type { Deps } from "../deps.ts";
import type { Cart, Edit, EditContext, UserError } from "../domain/cart.ts";
import type { Store } from "../store/index.ts";
import { keyReused, recordInCart, replayOf, type IdempotentCommand } from "./idempotency-record.ts";
import { idempotentChange } from "./idempotent-change.ts";

/** The cart after a mutation, and its user errors. */
export type CartResult = { cart: Cart | undefined; errors: UserError[] };

export type EditCommand = IdempotentCommand & {
  cartId: string;
  identity: Identity;
  /** SKUs in the input, besides those in the cart. */
  skus: readonly string[];
  change: (cart: Cart, context: EditContext) => Edit;
};

/** Edits a guest cart for every caller that knows its id, a customer's cart for that customer. */
export async function editCart(deps: Deps, command: EditCommand): Promise<CartResult> {
  const { store } = deps;
  const { key, cartId, identity } = command;
  const errors = checkIdempotencyKey(key);
  if (errors.length > 0) return { cart: undefined, errors };
  if (identity.kind === "guest") return await editGuestCart(store, command);
  const own = await store.customers.find(cartId);
  if (!own) return await editGuestCart(store, command);
  if (own.customerId !== identity.userId) return notFound;
  return await editCustomerCart(deps, { ...command, caller: identity.userId }, own);
}

export const notFound: CartResult = {
  cart: undefined,
  errors: [userError("NOT_FOUND", "There is no such cart.", ["cartId"])],
};

async function editGuestCart(store: Store, command: EditCommand): Promise<CartResult> {
  const { guests } = store;
  const record = recordInCart(command);
  const found = await guests.find(command.cartId, record);
  if (record && found.recorded) return replay(found.recorded, record, found.cart);
  let cart = found.isClaimed ? undefined : found.cart;
  while (cart) {
    const edit = command.change(cart, await contextOf(store, command, cart));
    if (edit.errors) return { cart, errors: edit.errors };
    if (edit.cart === cart) return { cart, errors: [] };
    const committed = await guests.commit(edit.cart, { client: command.identity.client }, record);
    switch (committed.outcome) {
      case "done":
        return { cart: edit.cart, errors: [] };
      case "recorded":
        return replay(committed.value, record, (await guests.find(command.cartId)).cart);
      case "claimed":
        return notFound;
      case "conflict":
        // The loop ends, because each conflict means that another change was written.
        cart = committed.cart;
    }
  }
  return notFound;
}

function replay(recorded: string, record: { value: string } | undefined, cart: Cart | undefined): CartResult {
  if (!record || !replayOf(recorded, record)) return { cart, errors: [keyReused] };
  return cart ? { cart, errors: [] } : notFound;
}

async function editCustomerCart(
  { pg, store }: Deps,
  command: EditCommand & { caller: string },
  before: Cart,
): Promise<CartResult> {
  // Reads the variants before the lock, so that the transaction doesn't wait for them: a line's SKU never changes.
  const context = await contextOf(store, command, before);
  const { cartId, caller, operation, key, input } = command;
  const record = recordInCart(command);
  let current: Cart | undefined;
  const { errors } = await idempotentChange(pg, { caller, operation, key, input }, async (tx) => {
    const earlier = record && (await store.customers.findRecord(tx, cartId, record.key));
    if (record && earlier) return { cartId, errors: replayOf(earlier, record) ? [] : [keyReused] };
    const cart = await store.customers.lock(tx, refOf(cartId));
    if (!cart) return { cartId, errors: notFound.errors };
    const edit = command.change(cart, context);
    current = edit.cart ?? cart;
    if (edit.cart && edit.cart !== cart) await store.customers.save(tx, edit.cart);
    return { cartId, errors: edit.errors ?? [] };
  });
  return { cart: current ?? (await store.customers.find(cartId)), errors };
}

async function contextOf(store: Store, { skus }: EditCommand, cart: Cart): Promise<EditContext> {
  const variants = await store.variants.variantsOf([...skus, ...cart.lines.map((line) => line.sku)]);
  return { variants, now: new Date(), newLineId: () => newId("line") };
}
