import { changed, ignored, type Decision, type NewEvent, type ShopEvent } from "@shop/events";
import type { Delivery } from "./delivery.ts";
import { shipmentCalledOff, shipmentFailed, shipmentScheduled } from "./events.ts";

/** Answers an order's repeated event or reminder: publishes the event of the delivery's current state again, caused by it. */
export function republishCurrentState(
  state: Delivery,
  { id }: ShopEvent<"OrderConfirmed" | "ShipmentAwaited" | "OrderRecalled">,
): Decision<Delivery> {
  const again = (event: NewEvent) => changed(state, [{ ...event, causationId: id }]);
  switch (state.status) {
    case "UNCONFIRMED":
      return ignored("NOT_CONFIRMED_YET");
    case "BOOKING":
      return ignored("ALREADY_BOOKING");
    case "BOOKED":
      return again(shipmentScheduled(state));
    case "FAILED":
      return again(shipmentFailed(state));
    case "CANCELLED":
      return state.calledOff
        ? again(shipmentCalledOff(state, state.calledOff))
        : ignored("ALREADY_CANCELLED");
  }
}
