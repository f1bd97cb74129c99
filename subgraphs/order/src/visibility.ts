import { hasRole, type Identity } from "@shop/service";
import type { Order } from "./domain/index.ts";
import type { OrderTokens } from "./order-token.ts";

/** A customer's order is visible to that customer, a guest's to callers with its token; all are visible to staff. */
export function maySee(
  order: Order,
  { identity, token, tokens }: { identity: Identity; token: string | null | undefined; tokens: OrderTokens },
): boolean {
  if (hasRole(identity, "STAFF")) return true;
  return order.customerId === null ? tokens.fits(order.id, token) : isOwn(order, identity);
}

/** Whether the signed-in customer placed it. */
export function isOwn(order: Order, identity: Identity): boolean {
  return order.customerId !== null && identity.kind === "user" && identity.userId === order.customerId;
}
