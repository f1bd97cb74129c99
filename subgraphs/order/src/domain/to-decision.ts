import { event, type EventType, type NewEvent } from "@shop/events";
import type { OutgoingEvent } from "./events.ts";
import type { Message } from "./message.ts";
import type { Order } from "./order.ts";
import { nextReminder } from "./remind.ts";
import type { DecisionContext, OrderDecision, Transition } from "./transition.ts";

/** Assigns one version to the decision and one counter to each row, and links events and rows to the message that caused them. */
export function toDecision(
  { next, timeline, events }: Transition,
  message: Message,
  { now }: DecisionContext,
): OrderDecision {
  const causationId = "id" in message ? message.id : undefined;
  const { counter } = next;
  const reminders = message.type === "SendReminders" ? next.progress.reminders + 1 : 0;
  const progress = { ...next.progress, reminders };
  progress.remindAt = nextReminder({ ...next, progress }, now);
  const state = { ...next, version: next.version + 1, counter: counter + timeline.length, progress };
  return {
    outcome: "changed",
    state,
    tasks: [],
    events: events.map(({ type, data }) => versioned(type, data, state, causationId)),
    timeline: timeline.map((row, index) => ({
      ...row,
      counter: counter + index + 1,
      causationId: causationId ?? null,
    })),
  };
}

function versioned(
  type: EventType,
  data: OutgoingEvent["data"],
  { id, version }: Order,
  causationId?: string,
): NewEvent {
  const cause = causationId ? { causationId } : {};
  return event(type, { aggregateId: id, version, sagaId: id, ...cause, data });
}
