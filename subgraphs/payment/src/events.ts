import { done, parked, type EventHandlers, type Outcome, type Tx } from "@shop/service";
import type { Deps } from "./deps.ts";
import { handleEvent, subscribedTypes, type SubscribedEvent } from "./domain/index.ts";

/** The handlers: each event changes the one payment of its order, by one rule that also decides what is published. */
export function handlers({ store }: Pick<Deps, "store">): EventHandlers {
  async function handle(tx: Tx, event: SubscribedEvent): Promise<Outcome> {
    const { orderId } = event.data;
    if (!orderId.startsWith("ord_")) return parked("NOT_AN_ORDER_ID");
    const decision = await store.change(tx, orderId, (state) => handleEvent(state, event));
    return decision.outcome === "ignored" ? decision : done();
  }
  return Object.fromEntries(subscribedTypes.map((type) => [type, handle]));
}
