import type { Decision, ShopEvent } from "@shop/events";
import { beginCapture } from "./begin-capture.ts";
import { endOrder } from "./end-order.ts";
import type { Payment } from "./payment.ts";
import { reEmitBooks } from "./apply-books.ts";
import { recordOrder, recordReservation } from "./start-attempt.ts";

export const subscribedTypes = [
  "OrderInitiated",
  "InventoryReserved",
  "PaymentRequested",
  "OrderPaid",
  "OrderCancelled",
  "OrderExpired",
  "OrderRejected",
  "OrderConfirmationFailed",
  "ShipmentAwaited",
] as const;

export type SubscribedEvent = ShopEvent<(typeof subscribedTypes)[number]>;

/** The rule for the events of other services, in any order and any number of times. */
export function handleEvent(before: Payment, event: SubscribedEvent): Decision<Payment> {
  return decide({ ...before, cause: event.id }, event);
}

function decide(state: Payment, event: SubscribedEvent): Decision<Payment> {
  switch (event.type) {
    case "OrderInitiated": {
      const token = event.data.paymentToken;
      return recordOrder(state, event.data.totals.total, token === null ? null : { attempt: 1, token });
    }
    case "InventoryReserved":
      return recordReservation(state);
    case "PaymentRequested": {
      const { attempt, paymentToken, total } = event.data;
      return recordOrder(state, total, { attempt, token: paymentToken });
    }
    case "OrderPaid":
      return beginCapture(state);
    case "OrderCancelled":
    case "OrderRejected":
    case "OrderConfirmationFailed":
      return endOrder(state, `${event.type}: ${event.data.reason}`);
    case "ShipmentAwaited":
      return reEmitBooks(state);
    case "OrderExpired":
      return endOrder(state, event.type);
  }
}
