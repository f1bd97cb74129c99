import { event, type EventType, type NewEvent } from "@shop/events";
import type { Message } from "./message.ts";
import type { Order } from "./order.ts";
import { nextReminder } from "./remind.ts";
import type { At, OrderDecision, Saying, Step } from "./transition.ts";

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
