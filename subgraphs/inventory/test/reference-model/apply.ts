import { reservationRequest } from "../../src/domain/reservation-request.ts";
import { defaultHoldRules, type HoldRules } from "../../src/domain/unpaid-unit-limits.ts";
import type { Decision, Model, OrderEvent } from "./model.ts";
import { release, yieldStock } from "./release.ts";
import { reserve } from "./reserve.ts";
import { sell } from "./sell.ts";

/** Applies an order's event to the model; events may come in any order and any number of times. */
export function apply(model: Model, event: OrderEvent, rules: HoldRules = defaultHoldRules): Decision {
  const { orderId } = event.data;
  const causationId = event.id;
  switch (event.type) {
    case "OrderInitiated":
    case "StockRequested":
      return reserve(model, reservationRequest(event), { rules, causationId });
    case "StockYielded":
      return yieldStock(model, { orderId, turn: event.data.turn, causationId });
    case "OrderConfirmed":
      return sell(model, orderId);
    case "OrderRejected":
    case "OrderCancelled":
    case "OrderExpired":
    case "OrderConfirmationFailed":
      return release(model, { orderId, causationId });
  }
}
