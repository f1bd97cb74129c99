import type { PostalAddress, ShopEvent } from "@shop/events";
import type { CallOff, ShipmentStatus } from "./delivery.ts";

/** What the carrier said to a parcel. */
export type Booking = { shipmentId: string; trackingNumber: string; trackingUrl: string };

/** Order's news that shipping handlers. */
export type OrderNews = ShopEvent<
  | "OrderConfirmed"
  | "OrderCancelled"
  | "OrderConfirmationFailed"
  | "ShipmentAwaited"
  | "OrderHoldChanged"
  | "OrderRecalled"
>;

/** All that can happen to a delivery. `at` is an ISO 8601 instant. */
export type Message =
  | OrderNews
  | { type: "ParcelsBooked"; orderId: string; bookings: Booking[]; at: string }
  /** Order asks to stop all parcels, as long as none has left. */
  | ({ type: "CallOff"; orderId: string; at: string } & CallOff)
  /** For good: asking again can't help, or was in vain for long enough. */
  | { type: "BookingRefused"; orderId: string; reason: string; at: string }
  | {
      type: "AdvanceShipment";
      shipmentId: string;
      status: ShipmentStatus;
      location: string | null;
      at: string;
    };

/** Task: asks the carrier for all parcels of an order. */
export type BookTask = {
  orderId: string;
  /** When the order was confirmed: the carrier isn't waited for without end. */
  confirmedAt: string;
  address: PostalAddress;
  isExpress: boolean;
  parcels: { shipmentId: string; warehouseCode: string; weightGrams: number }[];
};

/** Task: tells the carrier that these parcels won't come. */
export type CallOffTask = { orderId: string; shipmentIds: string[] };
