import { done, type EventHandlers, type Outcome, type Tx } from "@shop/service";
import type { OrderNews } from "./domain/index.ts";
import { change } from "./store.ts";

/** Order's news, and what they do to its delivery. What I publish in answer stands in `domain/tell.ts`. */
export const handlers: EventHandlers = {
  OrderConfirmed: hear,
  OrderCancelled: hear,
  OrderConfirmationFailed: hear,
  ShipmentAwaited: hear,
  OrderHoldChanged: hear,
  OrderRecalled: hear,
};

async function hear(tx: Tx, news: OrderNews): Promise<Outcome> {
  const decision = await change(tx, news.data.orderId, news);
  return decision.outcome === "ignored" ? decision : done();
}
