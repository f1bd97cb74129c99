import type { Decision, EventData, EventType, NewEvent, NewTask } from "@shop/events";
import type { Order } from "@shop/order/domain";
import type { Payment } from "@shop/payment/domain";
import type { Decisions } from "../decisions.ts";

/** A mistake in the saga's decisions that the simulation must find: the services' own functions, with one outcome changed. */
export type Mutant = { name: string; mutate: Mutation };
export type Mutation = (ours: Decisions) => Decisions;

type Service = Exclude<keyof Decisions, "replyToWin" | "sale">;
type Outgoing = { events: NewEvent[]; tasks: NewTask[] };

/** Changes the events and tasks of every decision of a service. */
export function outgoing(service: Service, change: (out: Outgoing) => Partial<Outgoing>): Mutation {
  const apply = <D extends { outcome: string }>(decision: D): D =>
    decision.outcome === "changed" ? { ...decision, ...change(decision as unknown as Outgoing) } : decision;
  return (ours) => {
    const { payment } = ours;
    switch (service) {
      case "order":
        return { ...ours, order: (...args) => apply(ours.order(...args)) };
      case "payment":
        return { ...ours, payment: afterEach(payment, (decision) => apply(decision)) };
      case "shipping":
        return { ...ours, shipping: (...args) => apply(ours.shipping(...args)) };
      case "inventory":
        return {
          ...ours,
          inventory(...args) {
            const step = ours.inventory(...args);
            return { ...step, events: change({ events: step.events, tasks: [] }).events ?? step.events };
          },
        };
    }
  };
}

/** The event is never published. */
export function unpublished(service: Service, type: EventType): Mutant {
  const mutate = outgoing(service, ({ events }) => ({ events: events.filter((one) => one.type !== type) }));
  return { name: `${service} never says ${type}`, mutate };
}

/** The event is published with other data. */
export function misstated<T extends EventType>(
  service: Service,
  type: T,
  how: string,
  change: (data: EventData<T>) => EventData<T>,
): Mutant {
  const mutate = outgoing(service, ({ events }) => ({
    events: events.map((one) =>
      one.type === type ? ({ ...one, data: change(one.data as EventData<T>) } as NewEvent) : one,
    ),
  }));
  return { name: `${service} says ${type} ${how}`, mutate };
}

/** The task is never done. */
export function dropped(service: Service, kind: string): Mutant {
  const mutate = outgoing(service, ({ tasks }) => ({ tasks: tasks.filter((one) => one.kind !== kind) }));
  return { name: `${service} never does its task ${kind}`, mutate };
}

/** Another rule of order, made of order's own. */
export function order(name: string, wrap: (decide: Decisions["order"]) => Decisions["order"]): Mutant {
  return { name: `order ${name}`, mutate: (ours) => ({ ...ours, order: wrap(ours.order) }) };
}

/** Another rule of payment: of its events, the bank's reports, its readings of intents, or its calls. */
export function payment(
  name: string,
  wrap: (ours: Decisions["payment"]) => Partial<Decisions["payment"]>,
): Mutant {
  const mutate: Mutation = (ours) => ({ ...ours, payment: { ...ours.payment, ...wrap(ours.payment) } });
  return { name: `payment ${name}`, mutate };
}

/** Another rule of shipping. */
export function shipping(
  name: string,
  wrap: (decide: Decisions["shipping"]) => Decisions["shipping"],
): Mutant {
  return { name: `shipping ${name}`, mutate: (ours) => ({ ...ours, shipping: wrap(ours.shipping) }) };
}

/** Another rule of inventory. */
export function inventory(
  name: string,
  wrap: (apply: Decisions["inventory"]) => Decisions["inventory"],
): Mutant {
  return { name: `inventory ${name}`, mutate: (ours) => ({ ...ours, inventory: wrap(ours.inventory) }) };
}

/** Payment's three rules with a change of what each of them decides. */
export function afterEach(
  ours: Decisions["payment"],
  change: (decision: Decision<Payment>, before: Payment) => Decision<Payment>,
): Decisions["payment"] {
  return {
    ...ours,
    handleEvent: (before, event) => change(ours.handleEvent(before, event), before),
    applyResult: (before, answer) => change(ours.applyResult(before, answer), before),
    applyIntent: (before, intent, asOf) => change(ours.applyIntent(before, intent, asOf), before),
  };
}

/** The order in another state, for a rule that forgets to check the state. */
export function asIf(order: Order | undefined, state: object): Order | undefined {
  return order && { ...order, ...state };
}
