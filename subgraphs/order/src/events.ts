import { done, type EventHandlers, type Tx } from "@shop/service";
import { type SubscribedEvent, subscribedTypes, type SubscribedType } from "./domain/index.ts";
import type { Store } from "./store/store.ts";

/**
 * The events I hear: each is a message to the order that it names. What I publish in answer is the domain's decision:
 * OrderInitiated, PaymentRequested, OrderPaid, OrderConfirmed, ShipmentAwaited, OrderHoldChanged, OrderRecalled,
 * OrderConfirmationFailed, OrderRejected, OrderCancelled, OrderExpired.
 */
export function handlers(store: Store): EventHandlers {
  const toOrder = async (tx: Tx, event: SubscribedEvent) => {
    const { decision } = await store.change(tx, event.data.orderId, event);
    return decision.outcome === "changed" ? done() : decision;
  };
  const table: Record<SubscribedType, typeof toOrder> = Object.fromEntries(
    subscribedTypes.map((type) => [type, toOrder]),
  ) as Record<SubscribedType, typeof toOrder>;
  return table;
}
