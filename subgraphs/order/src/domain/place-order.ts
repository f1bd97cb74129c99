import { orderInitiated } from "./events.ts";
import type { Command } from "./message.ts";
import type { Order } from "./order.ts";
import type { DecisionContext, Transition } from "./transition.ts";

type PlaceOrder = Extract<Command, { type: "PlaceOrder" }>;

/** The first step; its undo is `cancel-order.ts`. Coupons will be reserved here, and released in each undo. */
export function placeOrder(
  { details, paymentToken }: PlaceOrder,
  { now, expirySeconds }: DecisionContext,
): Transition {
  const order: Order = {
    ...details,
    createdAt: now,
    changedAt: now,
    status: "CREATED",
    statusReason: null,
    expiresAt: new Date(now.getTime() + expirySeconds * 1000),
    version: 0,
    counter: 0,
    progress: {
      stock: { status: "REQUESTED" },
      money: "NONE",
      paymentId: null,
      attempt: paymentToken === null ? 0 : 1,
      paymentToken,
      shipments: [],
      shipmentsVersion: 0,
      processedKeys: [],
      cancelRequest: null,
      reminders: 0,
      remindAt: null,
    },
  };
  return {
    next: order,
    timeline: [{ type: "ORDER_INITIATED", status: "CREATED", message: "We have received your order." }],
    events: [orderInitiated(order)],
  };
}
