import type { ShopEvent } from "@shop/events";
import type { CallOff, ShipmentStatus } from "./delivery.ts";

/** A parcel's booking, as the carrier answers it. */
export type Booking = { shipmentId: string; trackingNumber: string; trackingUrl: string };

/** The events of an order that shipping subscribes to. */
export type OrderEvent = ShopEvent<
  | "OrderConfirmed"
  | "OrderCancelled"
  | "OrderConfirmationFailed"
  | "ShipmentAwaited"
  | "OrderHoldChanged"
  | "OrderRecalled"
>;

/** A message to a delivery. `at` is an ISO 8601 instant. */
export type Message =
  | OrderEvent
  | { type: "ParcelsBooked"; orderId: string; bookings: Booking[]; at: string }
  /** Order's request to stop all parcels, as long as none has left. */
  | ({ type: "CallOff"; orderId: string; at: string } & CallOff)
  /** Final: the carrier refused, or its patience has run out. */
  | { type: "BookingRefused"; orderId: string; reason: string; at: string }
  | {
      type: "AdvanceShipment";
      shipmentId: string;
      status: ShipmentStatus;
      location: string | null;
      at: string;
    };
