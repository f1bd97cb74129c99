import type { ServiceName, ShopEvent } from "@shop/events";
import { createWakeup, pollLoop } from "../runtime/poll-loop.ts";
import type { Bus } from "./bus.ts";
import { consumerMemory } from "./known-consumers.ts";
import { applyProjection } from "./apply-projection.ts";
import { consume, readMessage, type Consuming } from "./durable-consumer.ts";
import { writeDeadLetter, reasonOf } from "./dead-letters.ts";
import type { Delivery } from "./delivery.ts";
import type { Projection } from "./event-handlers.ts";
import { isStoreFailure } from "../postgres/guarded-transaction.ts";
import type { Postgres } from "../postgres/transaction.ts";
import { eventsHandled, type Logger } from "../runtime/telemetry.ts";
import { batchBackoff, maxBatchAttempts, redeliverAfterMs } from "./retry-policy.ts";
import { keepUnhandled } from "./unhandled-events.ts";

type Waiting = { message: Delivery; event: ShopEvent };

const batchSize = 200;
/** The events of a killed process are delivered again after this. */
const ackWaitS = 10;
/** The interval of heartbeats for waiting events, well within `ackWaitS`. */
const heartbeatMs = 3_000;

/** Feeds a projection from one consumer of all partitions; a batch that fails is tried again, then its events one by one. */
export function startProjection(input: {
  service: ServiceName;
  bus: Bus;
  pg: Postgres;
  projection: Projection;
  log: Logger;
  signal: AbortSignal;
}): Consuming {
  const { service, bus, pg, projection, log, signal } = input;
  const subscribed = new Set<string>(projection.types);
  const waiting: Waiting[] = [];
  const wakeup = createWakeup();

  const take = (message: Delivery) => {
    const read = readMessage(message, subscribed);
    if (read.kind === "event") waiting.push({ message, event: read.event });
    else if (read.kind === "unreadable") void leaveOut(message, read.error, { isUnverified: true });
    else void passOn(message);
    wakeup.wake();
  };

  /** Leaves an event to another release that handles it. */
  const passOn = async (message: Delivery) => {
    try {
      if (consuming.isFor(message.subject)) await keepUnhandled(pg, message);
      message.ack();
    } catch (error) {
      log.warn({ err: error, subject: message.subject }, "an event of another release could not be kept");
      message.nak(redeliverAfterMs(message.deliveries));
    }
  };

  /** Leaves an event out: it is kept in dead_letters. */
  const leaveOut = async (message: Delivery, error: unknown, how?: { isUnverified: boolean }) => {
    try {
      await writeDeadLetter(message, reasonOf(error), { service, pg, log }, how);
      message.term();
    } catch {
      message.nak(redeliverAfterMs(message.deliveries));
    }
  };

  const project = async (batch: readonly Waiting[]) => {
    await applyProjection(
      pg,
      projection,
      batch.map(({ event }) => event),
    );
    for (const { message, event } of batch) {
      message.ack();
      eventsHandled.inc({ service, type: event.type, outcome: "done" });
    }
  };

  /** After `maxBatchAttempts` failures of a batch: an event that can't be applied must not hold up the others. */
  const projectOneByOne = async (batch: readonly Waiting[]) => {
    for (const one of batch) {
      await project([one]).catch(async (error: unknown) => {
        if (isStoreFailure(error)) throw error;
        await leaveOut(one.message, error);
      });
    }
  };

  let failures = 0;
  const onError = (error: unknown) => {
    if (!isStoreFailure(error)) failures++;
    log.error(
      { err: error, failures, waiting: waiting.length },
      "a batch could not be projected; trying again",
    );
  };
  const applying = pollLoop({ everyMs: 1_000, signal, wakeup, backoff: batchBackoff, onError }, async () => {
    const batch = waiting.slice(0, batchSize);
    if (batch.length === 0) return undefined;
    await (failures < maxBatchAttempts ? project(batch) : projectOneByOne(batch));
    waiting.splice(0, batch.length);
    failures = 0;
    return 0;
  });
  const heartbeats = setInterval(() => {
    for (const { message } of waiting) message.working();
  }, heartbeatMs);

  const spec = {
    service,
    kind: "projection" as const,
    types: projection.types,
    maxAckPending: 1_000,
    ackWaitS,
    memory: consumerMemory(pg),
    onGap: projection.missed,
  };
  const consuming = consume(bus, spec, take, log, signal);
  // Another instance goes on at once with the waiting events; nothing is delivered here any more.
  const handBack = () => {
    clearInterval(heartbeats);
    for (const { message } of waiting) message.nak();
  };
  return { ...consuming, running: Promise.all([consuming.running, applying.running]).then(handBack) };
}
