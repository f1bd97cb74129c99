import { done, type EventHandlers, type Tx } from "@shop/service";
import type { Deps } from "./deps.ts";
import { type SubscribedEvent, subscribedTypes } from "./domain/index.ts";

/** Each subscribed event is a message to the order that it names; `domain/events.ts` has the events that order publishes. */
export function handlers({ store, pace }: Pick<Deps, "store" | "pace">): EventHandlers {
  const changeOrder = async (tx: Tx, event: SubscribedEvent) => {
    const { decision, order, at } = await store.change(tx, event.data.orderId, event);
    if (decision.outcome !== "changed") return decision;
    // A later turn follows a payment, not the checkout.
    if (order && event.type === "InventoryReserved" && (event.data.turn ?? 1) === 1) {
      tx.afterCommit(() => pace.reserved(at.getTime() - order.createdAt.getTime()));
    }
    return done();
  };
  return Object.fromEntries(subscribedTypes.map((type) => [type, changeOrder]));
}
