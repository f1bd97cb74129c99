import type { Decision, ShopEvent } from "@shop/events";
import { capture } from "./capture.ts";
import { endOrder } from "./end-order.ts";
import type { Payment } from "./payment.ts";
import { sayBooksAgain } from "./read-books.ts";
import { noteOrder, noteReserved, requestPayment } from "./request-payment.ts";

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

export type Heard = ShopEvent<(typeof subscribedTypes)[number]>;

/** The one decision on what the other services say; in any order, any number of times. */
export function hear(before: Payment, event: Heard): Decision<Payment> {
  return decide({ ...before, cause: event.id }, event);
}

function decide(state: Payment, event: Heard): Decision<Payment> {
  switch (event.type) {
    case "OrderInitiated": {
      const token = event.data.paymentToken;
      return noteOrder(state, event.data.totals.total, token === null ? null : { attempt: 1, token });
    }
    case "InventoryReserved":
      return noteReserved(state);
    case "PaymentRequested": {
      const { attempt, paymentToken, total } = event.data;
      return requestPayment(state, total, { attempt, token: paymentToken });
    }
    case "OrderPaid":
      return capture(state);
    case "OrderCancelled":
    case "OrderRejected":
    case "OrderConfirmationFailed":
      return endOrder(state, `${event.type}: ${event.data.reason}`);
    case "ShipmentAwaited":
      return sayBooksAgain(state);
    case "OrderExpired":
      return endOrder(state, event.type);
  }
}
