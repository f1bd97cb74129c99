import { isExpiring, isHeldUnpaid, type Order } from "../domain/index.ts";
import type { OrderRow } from "../tables.ts";
import { emailKey } from "./unpaid-orders.ts";

export function toOrder({ details, progress, expiresAt, dueAt, ...row }: OrderRow): Order {
  const isDueToExpire = expiresAt !== null && dueAt !== null && dueAt >= expiresAt;
  return {
    ...row,
    ...details,
    progress: { ...progress, remindAt: isDueToExpire ? null : dueAt },
    ...(expiresAt && { expiresAt }),
    // The row was written from such a state; the types of its columns can't express that.
  } as Order;
}

/** The columns that a decision may change. */
export function changingColumns(order: Order) {
  const { remindAt, ...progress } = order.progress;
  const expiresAt = isExpiring(order) ? order.expiresAt : null;
  return {
    status: order.status,
    status_reason: order.statusReason,
    expires_at: expiresAt,
    due_at: expiresAt && remindAt && remindAt < expiresAt ? remindAt : (expiresAt ?? remindAt),
    version: order.version,
    counter: order.counter,
    progress,
    is_held_unpaid: isHeldUnpaid(order),
  };
}

/** The columns that are written once. */
export function constantColumns(order: Order) {
  const { lines, totals, address, shippingOptionId, shippingOption, flashSale } = order;
  return {
    id: order.id,
    number: order.number,
    customer_id: order.customerId,
    email: order.email,
    email_key: emailKey(order.email),
    client: order.client,
    cart_id: order.cartId,
    cart_version: order.cartVersion,
    details: {
      ...{ lines, totals, address, shippingOptionId },
      ...(shippingOption && { shippingOption }),
      ...(flashSale && { flashSale }),
    },
    created_at: order.createdAt,
  };
}
