import type { RequestInput, ShopEvent } from "@shop/events";
import type { OrderDetails } from "./order.ts";

/** The events that order subscribes to. */
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

/** The commands of shoppers, staff, and timers of this service. */
export type Command =
  | { type: "PlaceOrder"; details: Omit<OrderDetails, "createdAt">; paymentToken: string | null }
  | { type: "PayOrder"; paymentToken: string; client?: string | undefined; payerId?: string | null }
  | CancelOrder
  | WinOrder
  | { type: "ExpireOrder" }
  | { type: "SendReminders" };

export type CancelOrder = {
  type: "CancelOrder";
  by: "CUSTOMER" | "STAFF";
  reason: string | null;
  /** Idempotency hash of the request; a retry has the same. */
  request: string;
  /** Shipping has called its parcels off for good: the condition for cancelling a confirmed order. */
  isCalledOff: boolean;
};

/** Payment asks to win the order at once, by a request; `id` is the event that led it to the attempt. */
export type WinOrder = { type: "WinOrder"; id: string } & Pick<
  RequestInput<"order.win">,
  "paymentId" | "attempt" | "amount"
>;

export type Canceller = "CUSTOMER" | "STAFF" | "SYSTEM";

export type Message = SubscribedEvent | Command;

/**
 * Equal for two deliveries of the same fact, even under different event ids. Payment and shipping may repeat an event about
 * a later state of theirs, which the aggregate's version distinguishes; inventory publishes each event once per reservation.
 */
export function deduplicationKey(event: SubscribedEvent): string {
  switch (event.type) {
    case "PaymentActionRequired":
    case "PaymentProcessed":
    case "PaymentFailed":
      return `${event.type}:${event.data.attempt}:${event.aggregate.version}`;
    case "PaymentRefunded":
    case "PaymentRefundedAtProvider":
    case "PaymentDisputed":
    case "PaymentDisputeClosed":
    case "ShipmentScheduled":
    case "ShipmentUpdated":
      return `${event.type}:${event.aggregate.version}`;
    case "InventoryReserved":
    case "InventoryReservationFailed":
      return (event.data.turn ?? 1) === 1 ? event.type : `${event.type}:${event.data.turn}`;
    default:
      return event.type;
  }
}
