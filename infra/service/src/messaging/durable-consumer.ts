import {
  MisplacedEvent,
  producerOf,
  readEvent,
  type EventType,
  type ServiceName,
  type ShopEvent,
} from "@shop/events";
import { ZodError } from "zod";
import { messageOf } from "../runtime/message-of.ts";
import { createWakeup, pollLoop } from "../runtime/poll-loop.ts";
import type { Bus } from "./bus.ts";
import type { ConsumerNeed, Provision } from "./provision.ts";
import { consumerLag } from "./consumer-lag.ts";
import type { ConsumerMemory } from "./known-consumers.ts";
import { readDelivery, type Delivery } from "./delivery.ts";
import { redeliverAfterMs } from "./retry-policy.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** One durable consumer, which the provisioner makes, and makes again when it or the stream was lost. */
export type ConsumerSpec = Omit<ConsumerNeed, "subjects"> & {
  service: ServiceName;
  types: readonly EventType[];
  memory: ConsumerMemory;
  /**
   * Called when events may have been missed: before reading goes on, where the stream no longer has the next event (the
   * service was away for longer than events are kept); while reading goes on, where the consumer is not the remembered one.
   * The new consumer is remembered only once this has succeeded.
   */
  onGap?: (() => Promise<void>) | undefined;
};

export type Consuming = {
  running: Promise<void>;
  /** The reason why it can't be read now. */
  trouble: () => string | undefined;
  /** The trouble, by a check that is at most half a second old. */
  askTrouble: () => Promise<string | undefined>;
  /** Whether some release of this service subscribes to this subject. */
  isFor: (subject: string) => boolean;
};

/** How often the consumer is checked, so that a lost one is back within seconds. */
const checkEveryMs = 2_000;
/** Readiness probes reuse the result of a check for this long. */
const checkHoldsMs = 500;

/** Hands each message to `take` until stopped; failures are logged and retried. `take` must not throw. */
export function consume(
  bus: Bus,
  spec: ConsumerSpec,
  take: (delivery: Delivery) => void,
  log: Logger,
  signal: AbortSignal,
): Consuming {
  const { service, kind, memory } = spec;
  const name = consumerName(service, kind);
  const subjects = spec.types.map((type) => `evt.${producerOf(type)}.*.${type}`);
  const need = { kind, subjects, maxAckPending: spec.maxAckPending, ackWaitS: spec.ackWaitS };
  const wakeup = createWakeup();
  bus.onReconnect(wakeup.wake);
  let trouble: string | undefined = "it has not been checked yet";
  // All that a filtering server delivers is for this service, also subjects that another release has added since the last check.
  let isFiltered = true;
  let wanted: ReadonlySet<string> = new Set(subjects.map(withoutPartition));
  let stopListening: (() => void) | undefined;
  let isFirst = true;
  let checkedAt = 0;
  let checked = Promise.withResolvers<void>();
  const lag = consumerLag(new Set(spec.types.map((type) => producerOf(type))));

  const listen = () => {
    const subscription = bus.nc.subscribe(`deliver.${service}.${kind}`, {
      queue: service,
      callback: (error, message) => {
        const delivery = error ? undefined : readDelivery(message);
        if (!delivery) return;
        try {
          take(delivery);
        } catch (cause) {
          log.error({ err: cause, consumer: name }, "a message could not be taken");
          delivery.nak(redeliverAfterMs(delivery.deliveries));
        }
      },
    });
    return () => subscription.unsubscribe();
  };

  const check = async () => {
    const wasListening = stopListening !== undefined;
    const answer = await bus.provision(need);
    const { stream, consumer } = answer;
    if (wasListening && consumer?.isBound === false) {
      stopListening?.();
      stopListening = listen();
      throw new Error("the server has no subscriber for its deliveries; subscribed anew");
    }
    if (!consumer) throw new Error(`the provisioner did not answer for ${name}`);
    wanted = new Set(consumer.subjects.map(withoutPartition));
    isFiltered = consumer.isFiltered;
    const remembered = await memory.read(name);
    const isNew = remembered !== undefined && remembered !== consumer.created;
    if (isNew || (isFirst && isGap(stream, consumer))) {
      log.warn({ consumer: name, isNew }, "events may have been missed: the stream or the consumer was lost");
      trouble = "events may have been missed; the owners are asked for what they have";
      // Asking the owners takes a while, and new events need not wait for it.
      if (isNew) {
        lag.wasRemade();
        stopListening ??= listen();
      }
      await spec.onGap?.();
    }
    isFirst = false;
    if (remembered !== consumer.created) await memory.write(name, consumer.created);
    stopListening ??= listen();
    trouble = lag.check(answer);
  };

  const onError = (error: unknown) =>
    log.warn({ err: error, consumer: name }, "a consumer could not be checked; trying again");
  const backoff = { firstMs: 100, maxMs: checkEveryMs };
  const { running } = pollLoop({ everyMs: checkEveryMs, signal, wakeup, backoff, onError }, async () => {
    try {
      await check();
    } catch (error) {
      trouble = messageOf(error);
      throw error;
    } finally {
      checkedAt = Date.now();
      checked.resolve();
      checked = Promise.withResolvers();
    }
  });
  return {
    running: running.then(() => stopListening?.()),
    trouble: () => trouble,
    async askTrouble() {
      if (trouble !== undefined || Date.now() - checkedAt < checkHoldsMs) return trouble;
      wakeup.wake();
      await checked.promise;
      return trouble;
    },
    isFor: (subject) => isFiltered || wanted.has(withoutPartition(subject)),
  };
}

/** The name of a service's consumers: order-inbox, search-projection. */
const consumerName = (service: ServiceName, kind: string) => `${service}-${kind}`;

/**
 * Whether the stream no longer has the consumer's next event. Checked at the start only: filtered-out events count as not
 * reached, so that a consumer of rare events always has such a gap once the stream is a week old.
 */
function isGap(stream: Provision["stream"], { reached }: { reached: number }): boolean {
  return stream.firstSeq > reached + 1;
}

function withoutPartition(subject: string): string {
  const [, producer, , type] = subject.split(".");
  return `${producer}.${type}`;
}

/** The content of a message: an event, one of a type that this release doesn't know or doesn't handle, or none. */
export type Read =
  | { kind: "event"; event: ShopEvent }
  | { kind: "unhandled"; type: string }
  | { kind: "unreadable"; error: Error };

/** Reads a message; `types` are those that this release handles. */
export function readMessage(delivery: Pick<Delivery, "subject" | "text">, types: ReadonlySet<string>): Read {
  const type = typeOf(delivery);
  if (!types.has(type)) return { kind: "unhandled", type };
  try {
    return { kind: "event", event: readEvent(delivery.subject, delivery.text()) };
  } catch (error) {
    if (error instanceof MisplacedEvent || error instanceof ZodError || error instanceof SyntaxError)
      return { kind: "unreadable", error };
    throw error;
  }
}

/** The event's type, by its subject. */
export function typeOf({ subject }: Pick<Delivery, "subject">): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}
