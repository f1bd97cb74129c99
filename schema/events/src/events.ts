import { partitionOf, uuidv7, type ServiceName } from "@shop/values";
import { z } from "zod";
import { accountEvents } from "./account.ts";
import { catalogEvents } from "./catalog.ts";
import { envelope, type Envelope } from "./envelope.ts";
import { inventoryEvents } from "./inventory.ts";
import { orderEvents } from "./order.ts";
import { paymentEvents } from "./payment.ts";
import { searchEvents } from "./search.ts";
import { shippingEvents } from "./shipping.ts";

// A service that publishes nothing is not here.
const byProducer = {
  account: accountEvents,
  catalog: catalogEvents,
  search: searchEvents,
  inventory: inventoryEvents,
  order: orderEvents,
  payment: paymentEvents,
  shipping: shippingEvents,
} satisfies Partial<Record<ServiceName, Record<string, z.ZodType>>>;

const validators = {
  ...accountEvents,
  ...catalogEvents,
  ...searchEvents,
  ...inventoryEvents,
  ...orderEvents,
  ...paymentEvents,
  ...shippingEvents,
};

/** The types of all events. */
export type EventType = keyof typeof validators;

/** The data of an event of this type. */
export type EventData<T extends EventType> = z.infer<(typeof validators)[T]>;

/** An event as it travels: envelope and data. */
export type ShopEvent<T extends EventType = EventType> = {
  [K in T]: Envelope & { type: K; data: EventData<K> };
}[T];

/** The part of an event that its publisher gives; `seal` fills in the rest. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    type: K;
    aggregate: { id: string; version: number };
    sagaId?: string;
    causationId?: string;
    data: EventData<K>;
  };
}[T];

const producerByType = new Map<string, ServiceName>();
for (const producer of Object.keys(byProducer) as (keyof typeof byProducer)[]) {
  for (const type of Object.keys(byProducer[producer])) producerByType.set(type, producer);
}

/** All event types. */
export const eventTypes = Object.keys(validators) as EventType[];

/** The service that publishes this type. */
export function producerOf(type: EventType): ServiceName {
  const producer = producerByType.get(type);
  if (!producer) throw new Error(`no service publishes "${type}"`);
  return producer;
}

/** Names a new event; checked against its validator when the kit publishes it. */
export function event<T extends EventType>(
  type: T,
  rest: { aggregateId: string; version: number; sagaId?: string; causationId?: string; data: EventData<T> },
): NewEvent<T> {
  const { aggregateId, version, ...more } = rest;
  // The union over T can't be narrowed by the compiler here; the pair (type, data) is checked by the signature.
  return { type, aggregate: { id: aggregateId, version }, ...more };
}

/** Fills in the envelope of a new event. Throws ZodError when the data is not of the type's form. */
export function seal(fresh: NewEvent, now: Date, traceparent?: string): ShopEvent {
  const data = validators[fresh.type].parse(fresh.data);
  return {
    ...fresh,
    id: uuidv7(now.getTime()),
    schemaVersion: 1,
    producer: producerOf(fresh.type),
    occurredAt: now.toISOString(),
    ...(traceparent ? { traceparent } : {}),
    data,
  } as ShopEvent;
}

/** Reads an event off the wire. Throws ZodError when envelope or data are not of the type's form. */
export function parseEvent(json: string): ShopEvent {
  const raw: unknown = JSON.parse(json);
  const { type } = typed.parse(raw);
  return (wholes.get(type) ?? unknownType).parse(raw) as ShopEvent;
}

const typed = z.object({ type: z.string() });
const wholes = new Map(
  eventTypes.map((type) => [
    type as string,
    envelope.extend({ type: z.literal(type), data: validators[type] }),
  ]),
);
const unknownType = envelope.extend({ type: z.enum(eventTypes) });

/** The JetStream stream that holds all events. */
export const streamName = "SHOP";

/** The subject of an event: `evt.<producer>.<partition>.<Type>`, partitioned by saga, else by aggregate. */
export function subjectOf(it: Pick<ShopEvent, "type" | "sagaId" | "aggregate">): string {
  return `evt.${producerOf(it.type)}.${partitionOf(it.sagaId ?? it.aggregate.id)}.${it.type}`;
}

/** Thrown when an event is not what its subject says: another service than its own has published it, or a program is wrong. */
export class MisplacedEvent extends Error {
  override readonly name = "MisplacedEvent";
}

/**
 * Reads an event that came on this subject. The NATS server decides who may publish on a subject, so an event must be of the
 * subject's producer, type and partition. Throws MisplacedEvent for any other, ZodError as `parseEvent` does.
 */
export function readEvent(subject: string, json: string): ShopEvent {
  const event = parseEvent(json);
  const own = subjectOf(event);
  if (own !== subject) throw new MisplacedEvent(`it came on ${subject}, and belongs on ${own}`);
  const producer = producerOf(event.type);
  if (event.producer !== producer)
    throw new MisplacedEvent(`it names ${event.producer} as its producer, and only ${producer} publishes it`);
  return event;
}
