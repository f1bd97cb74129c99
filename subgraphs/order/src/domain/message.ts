import type { ShopEvent } from "@shop/events";
import type { Bought } from "./order.ts";

/** The events of others that order handlers. */
export const subscribedTypes = [
  "InventoryReserved",
  "InventoryReservationFailed",
  "InventoryReleased",
  "PaymentActionRequired",
  "PaymentProcessed",
  "PaymentFailed",
  "PaymentCaptured",
  "PaymentCaptureFailed",
  "PaymentRefunded",
  "PaymentRefundedAtProvider",
  "PaymentDisputed",
  "PaymentDisputeClosed",
  "ShipmentScheduled",
  "ShipmentFailed",
  "ShipmentUpdated",
  "ShipmentCalledOff",
] as const;

export type SubscribedType = (typeof subscribedTypes)[number];
export type SubscribedEvent = ShopEvent<SubscribedType>;

/** What a shopper, staff, or a timer of our own asks for. */
export type Command =
  | { type: "PlaceOrder"; bought: Omit<Bought, "createdAt">; paymentToken: string | null }
  | { type: "PayOrder"; paymentToken: string; client?: string | undefined; payerId?: string | null }
  | CancelOrder
  | { type: "ExpireOrder" }
  | { type: "RemindOthers" };

export type CancelOrder = {
  type: "CancelOrder";
  by: "CUSTOMER" | "STAFF";
  reason: string | null;
  /** Names this one wish to cancel, also when it comes again. */
  request: string;
  /** Shipping has stopped its parcels, for good: what a confirmed order is cancelled on. */
  isCalledOff: boolean;
};

export type Canceller = "CUSTOMER" | "STAFF" | "SYSTEM";

export type Message = SubscribedEvent | Command;

/**
 * What makes two tellings the same, whatever ids they travel under. Payment and shipping may say the same thing again
 * about a later state of theirs, which their version tells apart; inventory says each thing once per order.
 */
export function tellingOf(heard: SubscribedEvent): string {
  switch (heard.type) {
    case "PaymentActionRequired":
    case "PaymentProcessed":
    case "PaymentFailed":
      return `${heard.type}:${heard.data.attempt}:${heard.aggregate.version}`;
    case "PaymentRefunded":
    case "PaymentRefundedAtProvider":
    case "PaymentDisputed":
    case "PaymentDisputeClosed":
    case "ShipmentScheduled":
    case "ShipmentUpdated":
      return `${heard.type}:${heard.aggregate.version}`;
    case "InventoryReserved":
    case "InventoryReservationFailed":
      return (heard.data.turn ?? 1) === 1 ? heard.type : `${heard.type}:${heard.data.turn}`;
    default:
      return heard.type;
  }
}
