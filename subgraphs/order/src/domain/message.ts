import type { ShopEvent } from "@shop/events";
import { type Bought, isEnded, type Order } from "./order.ts";

/** The events of others that order hears. */
export const heardTypes = [
  "InventoryReserved",
  "InventoryReservationFailed",
  "InventoryReleased",
  "PaymentActionRequired",
  "PaymentProcessed",
  "PaymentFailed",
  "PaymentCaptured",
  "PaymentCaptureFailed",
  "PaymentRefunded",
  "ShipmentScheduled",
  "ShipmentFailed",
  "ShipmentUpdated",
] as const;

export type HeardType = (typeof heardTypes)[number];
export type HeardEvent = ShopEvent<HeardType>;

/** What a shopper, staff, or a timer of our own asks for. */
export type Command =
  | { type: "PlaceOrder"; bought: Omit<Bought, "createdAt">; paymentToken: string | null }
  | { type: "PayOrder"; paymentToken: string }
  | { type: "CancelOrder"; by: Canceller; reason: string | null }
  | { type: "ExpireOrder" }
  | { type: "RemindOthers" };

export type Canceller = "CUSTOMER" | "STAFF" | "SYSTEM";

export type Message = HeardEvent | Command;

/** What makes two tellings the same: a reminder makes others tell again under a fresh event id. */
export function tellingOf(heard: HeardEvent, order: Order): string {
  switch (heard.type) {
    case "PaymentActionRequired":
    case "PaymentProcessed":
    case "PaymentFailed":
      return `${heard.type}:${heard.data.attempt}`;
    case "PaymentRefunded":
      // An earlier attempt may be voided while the order goes on, and the one that pays after its end.
      return `${heard.type}:${heard.data.kind}${isEnded(order) ? ":ENDED" : ""}`;
    case "ShipmentUpdated":
      return `${heard.type}:${heard.aggregate.version}`;
    default:
      return heard.type;
  }
}
