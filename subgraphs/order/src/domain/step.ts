import {
  type Changed,
  type EventData,
  type EventType,
  type Ignored,
  type NewEvent,
  event,
} from "@shop/events";
import type { Message } from "./message.ts";
import type { Order, OrderStatus } from "./order.ts";
import { nextReminder } from "./remind.ts";

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
  | "PAYMENT_REFUNDED";

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

/** The moment of a decision (by the database's clock) and the shop's setting. */
export type At = { now: Date; expirySeconds: number };

export function say<T extends EventType>(type: T, data: EventData<T>): Saying {
  return { type, data } as Saying;
}

/** One decision: one version more, one counter more for each row, everything linked to what caused it. */
export function finish(step: Step, message: Message, at: At): OrderDecision {
  const causationId = "id" in message ? message.id : undefined;
  const version = step.to.version + 1;
  const counter = step.to.counter;
  const isReminder = message.type === "RemindOthers";
  const reminders = isReminder ? step.to.progress.reminders + 1 : 0;
  const progress = { ...step.to.progress, reminders };
  progress.remindAt = nextReminder({ ...step.to, progress }, at.now);
  const state = { ...step.to, version, counter: counter + step.shows.length, progress };
  return {
    outcome: "changed",
    state,
    tasks: [],
    events: step.says.map(({ type, data }) => sealed(type, data, state, causationId)),
    timeline: step.shows.map((row, at) => ({
      ...row,
      counter: counter + at + 1,
      causationId: causationId ?? null,
    })),
  };
}

function sealed(type: EventType, data: Saying["data"], order: Order, causationId?: string): NewEvent {
  return event(type, {
    aggregateId: order.id,
    version: order.version,
    sagaId: order.id,
    ...(causationId ? { causationId } : {}),
    data,
  });
}
