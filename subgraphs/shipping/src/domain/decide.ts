import type { Decision } from "@shop/events";
import { advanceShipment } from "./advance-shipment.ts";
import { bookParcels, parcelsBooked } from "./book-parcels.ts";
import { callOffAsked, orderEnded, recalled, refuseBooking } from "./call-off.ts";
import type { Delivery } from "./delivery.ts";
import { holdParcels, parcelsAwaited } from "./hold-parcels.ts";
import type { Message } from "./message.ts";

/** What shipping does about a message, in any order and any number of times. Asked again by order, it answers again. */
export function decide(state: Delivery | undefined, message: Message): Decision<Delivery> {
  switch (message.type) {
    case "OrderConfirmed":
      return bookParcels(state, message);
    case "ParcelsBooked":
      return parcelsBooked(state, message);
    case "BookingRefused":
      return refuseBooking(state, message);
    case "OrderCancelled":
    case "OrderConfirmationFailed":
      return orderEnded(state, message);
    case "ShipmentAwaited":
      return parcelsAwaited(state, message);
    case "OrderHoldChanged":
      return holdParcels(state, message);
    case "OrderRecalled":
      return recalled(state, message);
    case "CallOff":
      return callOffAsked(state, message);
    case "AdvanceShipment":
      return advanceShipment(state, message);
  }
}
