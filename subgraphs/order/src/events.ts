import { done, type EventHandlers, type Tx } from "@shop/service";
import type { Deps } from "./deps.ts";
import { type SubscribedEvent, subscribedTypes } from "./domain/index.ts";

/** Each subscribed event is a message to the order that it names; `domain/events.ts` has the events that order publishes. */
export function handlers({ store }: Pick<Deps, "store">): EventHandlers {
  const changeOrder = async (tx: Tx, event: SubscribedEvent) => {
    const { decision } = await store.change(tx, event.data.orderId, event);
    return decision.outcome === "changed" ? done() : decision;
  };
  return Object.fromEntries(subscribedTypes.map((type) => [type, changeOrder]));
}
