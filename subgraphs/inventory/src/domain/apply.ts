import { release } from "./release.ts";
import { reserve } from "./reserve.ts";
import { sell } from "./sell.ts";
import type { Model, OrderNews, Step } from "./model.ts";

/** What inventory does about an order's news, in any order and any number of times. */
export function apply(model: Model, news: OrderNews): Step {
  const { orderId } = news.data;
  switch (news.type) {
    case "OrderInitiated": {
      const { lines, address } = news.data;
      return reserve(model, { orderId, lines, destination: address.country, causationId: news.id });
    }
    case "OrderConfirmed":
      return sell(model, orderId);
    case "OrderRejected":
    case "OrderCancelled":
    case "OrderExpired":
    case "OrderConfirmationFailed":
      return release(model, { orderId, causationId: news.id });
  }
}
