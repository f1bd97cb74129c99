import type { Identity } from "@shop/service";
import type { Cart } from "../domain/cart.ts";
import type { Store } from "../store/index.ts";

/** A cart that the caller may see: a guest cart for every caller that knows its id, a customer's cart for that customer. */
export async function findVisibleCart(
  store: Store,
  identity: Identity,
  id: string,
): Promise<Cart | undefined> {
  if (identity.kind === "guest") return await findGuestCart(store, id);
  const cart = await findCart(store, id);
  return cart && (cart.customerId === null || cart.customerId === identity.userId) ? cart : undefined;
}

/** Any cart; the caller of this function checks the permission. */
export async function findCart(store: Store, id: string): Promise<Cart | undefined> {
  return (await store.customers.find(id)) ?? (await findGuestCart(store, id));
}

async function findGuestCart(store: Store, id: string): Promise<Cart | undefined> {
  const { cart, isClaimed } = await store.guests.find(id);
  return isClaimed ? undefined : cart;
}
