import { done, type EventHandlers, type Tx } from "@shop/service";
import type { Deps } from "./deps.ts";
import { type Order, type SubscribedEvent, subscribedTypes } from "./domain/index.ts";

/** Each subscribed event is a message to the order that it names; `domain/events.ts` has the events that order publishes. */
export function handlers({ store, pace }: Pick<Deps, "store" | "pace">): EventHandlers {
  const changeOrder = async (tx: Tx, event: SubscribedEvent) => {
    const { decision, order, at } = await store.change(tx, event.data.orderId, event);
    if (decision.outcome !== "changed") return decision;
    const step = order && stepOf(event, order);
    if (step) tx.afterCommit(() => pace.note(step, at.getTime() - order.createdAt.getTime()));
    return done();
  };
  return Object.fromEntries(subscribedTypes.map((type) => [type, changeOrder]));
}

/** The step that the saga has done by itself since the checkout; a later turn or attempt followed the customer. */
function stepOf(event: SubscribedEvent, order: Order): "reserved" | "confirmed" | undefined {
  if (event.type === "InventoryReserved") return (event.data.turn ?? 1) === 1 ? "reserved" : undefined;
  return event.type === "PaymentCaptured" && order.progress.wonBy === 1 ? "confirmed" : undefined;
}
