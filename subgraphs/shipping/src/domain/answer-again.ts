import { changed, ignored, type Decision, type NewEvent, type ShopEvent } from "@shop/events";
import type { Delivery } from "./delivery.ts";
import { tellCalledOff, tellFailed, tellScheduled } from "./tell.ts";

/** Order has not heard, or forgot: it is told once more how its delivery stands. */
export function answerAgain(
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
      return again(tellScheduled(state));
    case "FAILED":
      return again(tellFailed(state));
    case "CANCELLED":
      return state.calledOff ? again(tellCalledOff(state, state.calledOff)) : ignored("ALREADY_CANCELLED");
  }
}
