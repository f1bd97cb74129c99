import {
  isExpiring,
  isHeldUnpaid,
  type Order,
  type OrderStatus,
  type Progress,
  type TimelineType,
} from "../domain/index.ts";
import { emailKey } from "./unpaid-orders.ts";

const usualExpiryMs = 900_000;

/** A row of the table orders, with the database's clock beside it where it was asked for. */
export type OrderRow = {
  id: string;
  number: string;
  customer_id: string | null;
  email: string;
  client: string | null;
  cart_id: string;
  cart_version: number;
  status: OrderStatus;
  status_reason: string | null;
  expires_at: Date | null;
  due_at: Date | null;
  version: number;
  counter: number;
  bought: Pick<Order, "lines" | "totals" | "address" | "shippingOptionId">;
  progress: Omit<Progress, "remindAt">;
  created_at: Date;
};

/** A row of the timeline as it was written. */
export type TimelineEntry = {
  orderId: string;
  counter: number;
  type: TimelineType;
  status: OrderStatus;
  message: string;
  occurredAt: Date;
};

export function toOrder(row: OrderRow): Order {
  const isAwaitingPayment = row.status === "AWAITING_PAYMENT";
  const isCreated = row.status === "CREATED";
  // Releases that knew no such end wrote none.
  const stockDueAt = row.expires_at ?? new Date(row.created_at.getTime() + usualExpiryMs);
  const isDueToExpire = row.expires_at !== null && row.due_at !== null && row.due_at >= row.expires_at;
  return {
    id: row.id,
    number: row.number,
    customerId: row.customer_id,
    email: row.email,
    client: row.client,
    cartId: row.cart_id,
    cartVersion: row.cart_version,
    ...row.bought,
    createdAt: row.created_at,
    version: row.version,
    counter: row.counter,
    progress: { ...row.progress, remindAt: isDueToExpire ? null : row.due_at },
    status: row.status,
    statusReason: row.status_reason,
    ...(isAwaitingPayment ? { expiresAt: row.expires_at } : {}),
    ...(isCreated ? { expiresAt: stockDueAt } : {}),
    // The row was written from such a state; its columns can't say which go together.
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
    due_at: expiresAt && remindAt ? earlier(expiresAt, remindAt) : (expiresAt ?? remindAt),
    version: order.version,
    counter: order.counter,
    progress,
    is_held: isHeldUnpaid(order),
  };
}

/** The columns that are written once. */
export function lastingColumns(order: Order) {
  const { lines, totals, address, shippingOptionId } = order;
  return {
    id: order.id,
    number: order.number,
    customer_id: order.customerId,
    email: order.email,
    email_key: emailKey(order.email),
    client: order.client ?? null,
    cart_id: order.cartId,
    cart_version: order.cartVersion,
    bought: { lines, totals, address, shippingOptionId },
    created_at: order.createdAt,
  };
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}
