import { done, type EventHandlers, type Outcome, type Tx } from "@shop/service";
import type { OrderEvent } from "./domain/index.ts";
import { change } from "./store.ts";

/** The handlers of an order's events; the events that shipping publishes stand in `domain/events.ts`. */
export const handlers: EventHandlers = {
  OrderConfirmed: handle,
  OrderCancelled: handle,
  OrderConfirmationFailed: handle,
  ShipmentAwaited: handle,
  OrderHoldChanged: handle,
  OrderRecalled: handle,
};

async function handle(tx: Tx, event: OrderEvent): Promise<Outcome> {
  const decision = await change(tx, event.data.orderId, event);
  return decision.outcome === "ignored" ? decision : done();
}
