import { done, type Hears, type Tx } from "@shop/service";
import { type HeardEvent, heardTypes, type HeardType } from "./domain/index.ts";
import type { Store } from "./store.ts";

/**
 * The events I hear: each is a message to the order that it names. What I publish in answer is the domain's decision:
 * OrderInitiated, PaymentRequested, OrderPaid, OrderConfirmed, ShipmentAwaited, OrderHoldChanged, OrderRecalled,
 * OrderConfirmationFailed, OrderRejected, OrderCancelled, OrderExpired.
 */
export function hears(store: Store): Hears {
  const toOrder = async (tx: Tx, event: HeardEvent) => {
    const { decision } = await store.change(tx, event.data.orderId, event);
    return decision.outcome === "changed" ? done() : decision;
  };
  const table: Record<HeardType, typeof toOrder> = Object.fromEntries(
    heardTypes.map((type) => [type, toOrder]),
  ) as Record<HeardType, typeof toOrder>;
  return table;
}
