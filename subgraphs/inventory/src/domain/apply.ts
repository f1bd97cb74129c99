import { defaultHoldRules, type HoldRules } from "./hold-unpaid.ts";
import { release, yieldStock } from "./release.ts";
import { reserve } from "./reserve.ts";
import { sell } from "./sell.ts";
import type { Model, OrderNews, Step } from "./model.ts";

/** What inventory does about an order's news, in any order and any number of times. */
export function apply(model: Model, news: OrderNews, rules: HoldRules = defaultHoldRules): Step {
  const { orderId } = news.data;
  const causationId = news.id;
  switch (news.type) {
    case "OrderInitiated": {
      const { lines, address, isUnpaid = false } = news.data;
      const destination = address.country;
      return reserve(model, { orderId, lines, destination, causationId, turn: 1, isUnpaid }, rules);
    }
    case "StockRequested": {
      const { lines, address, turn } = news.data;
      const destination = address.country;
      return reserve(model, { orderId, lines, destination, causationId, turn, isUnpaid: false }, rules);
    }
    case "StockYielded":
      return yieldStock(model, { orderId, turn: news.data.turn, causationId });
    case "OrderConfirmed":
      return sell(model, orderId);
    case "OrderRejected":
    case "OrderCancelled":
    case "OrderExpired":
    case "OrderConfirmationFailed":
      return release(model, { orderId, causationId });
  }
}
