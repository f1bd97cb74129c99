import type { Changed, EventData, EventType, Ignored } from "@shop/events";
import type { HoldRules } from "./hold-unpaid.ts";
import type { Order, OrderStatus } from "./order.ts";

export type TimelineType =
  | "ORDER_INITIATED"
  | "INVENTORY_RESERVED"
  | "INVENTORY_RESERVATION_FAILED"
  | "PAYMENT_ACTION_REQUIRED"
  | "PAYMENT_PROCESSED"
  | "PAYMENT_FAILED"
  | "ORDER_CONFIRMED"
  | "ORDER_CONFIRMATION_FAILED"
  | "SHIPMENT_SCHEDULED"
  | "SHIPMENT_FAILED"
  | "SHIPMENT_UPDATED"
  | "ORDER_CANCELLED"
  | "ORDER_EXPIRED"
  | "INVENTORY_RELEASED"
  | "PAYMENT_REFUNDED"
  | "PAYMENT_DISPUTED"
  | "PAYMENT_DISPUTE_CLOSED";

/** A row of the timeline: what happened, where the order stood after it, and words for the customer. */
export type TimelineRow = {
  counter: number;
  type: TimelineType;
  status: OrderStatus;
  message: string;
  causationId: string | null;
};

/** What a rule of this service decides: as everywhere, and the rows that it adds to the timeline. */
export type OrderDecision = (Changed<Order> & { timeline: TimelineRow[] }) | Ignored;

export type Saying = {
  [T in EventType]: { type: T; data: EventData<T> };
}[EventType];

/** One verb's outcome, before versions and counters are given out. */
export type Step = {
  to: Order;
  shows: { type: TimelineType; status: OrderStatus; message: string }[];
  says: Saying[];
};

/** The moment of a decision (by the database's clock) and the shop's settings. */
export type At = {
  now: Date;
  expirySeconds: number;
  /** The defaults where absent. */
  rules?: HoldRules;
  /** The order's customer, e-mail or address has more orders that are held unpaid than one of these may. */
  holdsTooMany?: boolean;
};

export function say<T extends EventType>(type: T, data: EventData<T>): Saying {
  return { type, data } as Saying;
}
