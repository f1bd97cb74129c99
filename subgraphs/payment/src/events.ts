import type { Decision } from "@shop/events";
import { done, parked, type EventHandlers, type Outcome, type Tx } from "@shop/service";
import { handleEvent, subscribedTypes, type SubscribedEvent, type Payment } from "./domain/index.ts";
import type { Store } from "./store/payments.ts";

/** Every event that I hear changes the order's one payment; what I publish comes out of the same decision. */
export function hearing(store: Store): EventHandlers {
  async function handle(tx: Tx, event: SubscribedEvent): Promise<Outcome> {
    const { orderId } = event.data;
    if (!orderId.startsWith("ord_")) return parked("NOT_AN_ORDER_ID");
    return outcomeOf(await store.change(tx, orderId, (state) => handleEvent(state, event)));
  }
  return Object.fromEntries(subscribedTypes.map((type) => [type, handle]));
}

function outcomeOf(decision: Decision<Payment>): Outcome {
  return decision.outcome === "ignored" ? { outcome: "ignored", reason: decision.reason } : done();
}
