import { isEnded, type Order } from "./order.ts";
import type { Transition } from "./transition.ts";

/** 3-D Secure: the bank waits for the customer, who may also pay in another way meanwhile. */
export function paymentNeedsCustomer(order: Order): Transition {
  const message = isEnded(order)
    ? "Your bank asked you to confirm a payment; it is no longer needed."
    : "Your bank asks you to confirm the payment.";
  const row = { type: "PAYMENT_ACTION_REQUIRED", status: order.status, message } as const;
  return { next: order, events: [], timeline: [row] };
}
