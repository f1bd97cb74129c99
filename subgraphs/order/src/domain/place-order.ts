import type { At, Step } from "./transition.ts";
import { say } from "./transition.ts";
import type { Command } from "./message.ts";
import type { Order } from "./order.ts";

type PlaceOrder = Extract<Command, { type: "PlaceOrder" }>;

/** The first step; its undo is cancel-order.ts. Coupons will be reserved here, and given back in each undo. */
export function placeOrder({ bought, paymentToken }: PlaceOrder, at: At): Step {
  const order: Order = {
    ...bought,
    createdAt: at.now,
    status: "CREATED",
    statusReason: null,
    expiresAt: new Date(at.now.getTime() + at.expirySeconds * 1000),
    version: 0,
    counter: 0,
    progress: {
      stock: { is: "ASKED" },
      money: "NONE",
      paymentId: null,
      attempt: paymentToken === null ? 0 : 1,
      paymentToken,
      shipments: [],
      shipmentsVersion: 0,
      heard: [],
      cancelRequest: null,
      reminders: 0,
      remindAt: null,
    },
  };
  return {
    to: order,
    shows: [{ type: "ORDER_INITIATED", status: "CREATED", message: "We have received your order." }],
    says: [initiation(order)],
  };
}

/** OrderInitiated, of the order as it stands; later attempts to pay travel in PaymentRequested. */
export function initiation({ id, lines, totals, address, progress }: Order) {
  const { attempt, paymentToken } = progress;
  const asked = { orderId: id, lines, totals, address: { country: address.country } };
  // Also when it is said again: what counts is whether a payment was ever begun.
  const isUnpaid = attempt === 0 ? { isUnpaid: true } : {};
  return say("OrderInitiated", { ...asked, ...isUnpaid, paymentToken: attempt === 1 ? paymentToken : null });
}
