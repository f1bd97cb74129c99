import type { EventData } from "@shop/events";
import { money } from "@shop/values";
import type { SubscribedEvent } from "../src/domain/handle-event.ts";
import { newPayment, type Payment } from "../src/domain/payment.ts";

/** For tests: a payment of 42.00 USD that is reserved, with whatever the test is about. */
export function givenPayment(about: Partial<Payment> = {}): Payment {
  return { ...newPayment("ord_1"), version: 3, total: money(4200, "USD"), isReserved: true, ...about };
}

let count = 0;

/** For tests: what another service says about order `ord_1`. */
export function given<T extends SubscribedEvent["type"]>(
  type: T,
  about: Partial<EventData<T>> = {},
): SubscribedEvent {
  count += 1;
  const total = money(4200, "USD");
  const defaults: { [K in SubscribedEvent["type"]]: object } = {
    OrderInitiated: { totals: { total }, paymentToken: "pm_card_visa" },
    PaymentRequested: { attempt: 2, paymentToken: "pm_card_mastercard", total },
    InventoryReserved: {},
    OrderPaid: { paymentId: "pay_1" },
    OrderCancelled: { reason: "No longer wanted", by: "CUSTOMER" },
    OrderExpired: {},
    OrderRejected: { reason: "Out of stock" },
    OrderConfirmationFailed: { reason: "Refused" },
    ShipmentAwaited: {},
  };
  const data = { orderId: "ord_1", ...defaults[type], ...about };
  return { id: `event-${count}`, type, data } as unknown as SubscribedEvent;
}
