import type { Changed, Ignored } from "@shop/events";
import type { OutgoingEvent } from "./events.ts";
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

/** A row of the timeline: what happened, the order's status after it, and a text for the customer. */
export type TimelineRow = {
  counter: number;
  type: TimelineType;
  status: OrderStatus;
  message: string;
  causationId: string | null;
};

/** A decision about an order, with the rows that it adds to the timeline. */
export type OrderDecision = (Changed<Order> & { timeline: TimelineRow[] }) | Ignored;

/** One decision's next state, timeline rows and events, before versions and counters are assigned. */
export type Transition = {
  next: Order;
  timeline: Omit<TimelineRow, "counter" | "causationId">[];
  events: OutgoingEvent[];
};

/** A transition before its timeline rows are known. */
export type Advanced = Omit<Transition, "timeline">;

/** Rules of the shop for held and unpaid orders, in force also where throttles are off. */
export type UnpaidRules = {
  /** How long an order holds stock before the first attempt to pay. */
  expirySeconds: number;
  /** Attempts to pay one order, the checkout's own included. */
  maxAttempts: number;
};

/** The moment of a decision (by the database's clock) and the shop's settings. */
export type DecisionContext = {
  now: Date;
  /** How long an order waits to be paid once an attempt was made. */
  expirySeconds: number;
  /** The defaults where absent. */
  rules?: UnpaidRules;
  /** The order's customer, e-mail or address has as many other held and unpaid orders as the limits allow. */
  holdsTooMany?: boolean;
};
