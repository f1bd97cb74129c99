import type { Decision } from "@shop/events";
import { advanceShipment } from "./advance-shipment.ts";
import { bookParcels, confirmBooking, refuseBooking } from "./book-parcels.ts";
import { callOff, endOrder, recall } from "./call-off.ts";
import type { Delivery } from "./delivery.ts";
import { answerAwaited, holdParcels } from "./hold-parcels.ts";
import type { Message } from "./message.ts";

/** Decides about a message; messages may come in any order and any number of times, and reminders get the same answer. */
export function decide(state: Delivery | undefined, message: Message): Decision<Delivery> {
  switch (message.type) {
    case "OrderConfirmed":
      return bookParcels(state, message);
    case "ParcelsBooked":
      return confirmBooking(state, message);
    case "BookingRefused":
      return refuseBooking(state, message);
    case "OrderCancelled":
    case "OrderConfirmationFailed":
      return endOrder(state, message);
    case "ShipmentAwaited":
      return answerAwaited(state, message);
    case "OrderHoldChanged":
      return holdParcels(state, message);
    case "OrderRecalled":
      return recall(state, message);
    case "CallOff":
      return callOff(state, message);
    case "AdvanceShipment":
      return advanceShipment(state, message);
  }
}
