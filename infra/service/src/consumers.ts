import {
  parseEvent,
  producerOf,
  streamName,
  type EventType,
  type ServiceName,
  type ShopEvent,
} from "@shop/events";
import {
  AckPolicy,
  DeliverPolicy,
  ErrorCode,
  NatsError,
  type ConsumerInfo,
  type ConsumerMessages,
  type JsMsg,
} from "nats";
import { backoffMs, waitMs } from "./backoff.ts";
import type { Bus } from "./bus.ts";
import type { Logger } from "./telemetry.ts";

/** One durable pull consumer that is made, watched, and made again when it or the stream was lost. */
export type ConsumerSpec = {
  name: string;
  types: readonly EventType[];
  maxAckPending: number;
  /** How long an event may be without a sign of life before it is delivered again. */
  ackWaitS: number;
  /** Called before it reads on where the stream has forgotten what came next: it was away for longer than events are kept. */
  onGap?: (() => Promise<void>) | undefined;
};

/** The name of a service's consumers: order-inbox, search-projection. */
export const consumerName = (service: ServiceName, suffix: string) => `${service}-${suffix}`;

/** Reads messages until stopped, handing each to `take`; never throws: waits and starts again. */
export async function consume(
  bus: Bus,
  spec: ConsumerSpec,
  take: (message: JsMsg) => Promise<void>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  let gapAt: number | undefined;
  for (let failures = 0; !signal.aborted;) {
    let messages: ConsumerMessages | undefined;
    const stop = () => messages?.stop();
    try {
      const known = await ensureConsumer(bus, spec);
      const gap = known && (await gapAfter(bus, known));
      if (gap !== undefined && gap !== gapAt) {
        log.warn(
          { consumer: spec.name },
          "the stream has forgotten what came next: events may not have been heard",
        );
        await spec.onGap?.();
        gapAt = gap;
      }
      const consumer = await bus.js.consumers.get(streamName, spec.name);
      messages = await consumer.consume({
        max_messages: 500,
        expires: 30_000,
      });
      signal.addEventListener("abort", stop, { once: true });
      // Given while the consumer was being asked for, when nobody listened.
      if (signal.aborted) stop();
      void restartWhenLost(messages);
      failures = 0;
      for await (const message of messages) await take(message);
    } catch (error) {
      failures++;
      log.warn({ err: error, consumer: spec.name }, "a consumer stopped; starting it again");
      await bus.ensureStream().catch(() => undefined);
    } finally {
      signal.removeEventListener("abort", stop);
    }
    if (!signal.aborted) await waitMs(backoffMs(Math.max(1, failures), 100, 2_000), signal);
  }
}

/** Reads the event of a message; undefined for a type that this consumer doesn't hear (on servers before 2.10). */
export function readMessage(message: JsMsg, types: ReadonlySet<string>): ShopEvent | undefined {
  const type = message.subject.slice(message.subject.lastIndexOf(".") + 1);
  return types.has(type) ? parseEvent(message.string()) : undefined;
}

async function restartWhenLost(messages: ConsumerMessages): Promise<void> {
  for await (const status of await messages.status()) {
    const kind: string = status.type;
    if (kind === "consumer_deleted" || kind === "stream_not_found" || kind === "consumer_not_found")
      messages.stop();
    // Two missed heartbeats can also mean a stream that was wiped while we were away.
    if (kind === "heartbeats_missed" && Number(status.data) >= 2) messages.stop();
  }
}

/** The oldest event that is kept, if the next one to be heard is older. After a week of silence there is one as well. */
async function gapAfter(bus: Bus, known: ConsumerInfo): Promise<number | undefined> {
  const { ack_floor: floor, delivered, num_ack_pending: open } = known;
  const reached = open === 0 ? delivered.stream_seq : floor.stream_seq;
  const jsm = await bus.nc.jetstreamManager();
  const { state } = await jsm.streams.info(streamName);
  return state.first_seq > reached + 1 ? state.first_seq : undefined;
}

/** The consumer as it was, if it was there. */
async function ensureConsumer(bus: Bus, spec: ConsumerSpec): Promise<ConsumerInfo | undefined> {
  const jsm = await bus.nc.jetstreamManager();
  const known = await jsm.consumers.info(streamName, spec.name).catch((error: unknown) => {
    if (
      error instanceof NatsError &&
      (error.code === ErrorCode.JetStream404NoMessages || /not found/i.test(error.message))
    ) {
      return undefined;
    }
    throw error;
  });
  const filter = filterOf(bus, spec);
  const config = { ...filter.config, ack_wait: spec.ackWaitS * 1e9 };
  if (known) {
    const { filter_subjects: many, filter_subject: one, ack_wait: ackWait } = known.config;
    if (JSON.stringify(many ?? one) !== filter.key || ackWait !== config.ack_wait)
      await jsm.consumers.update(streamName, spec.name, config);
    return known;
  }
  await bus.ensureStream();
  await jsm.consumers.add(streamName, {
    durable_name: spec.name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    max_deliver: -1,
    max_ack_pending: spec.maxAckPending,
    ...config,
  });
  return undefined;
}

function filterOf(bus: Bus, spec: ConsumerSpec) {
  const subjects = [...new Set(spec.types.map((type) => `evt.${producerOf(type)}.*.${type}`))].sort();
  const [major = 0, minor = 0] = (bus.nc.info?.version ?? "0.0").split(".").map(Number);
  if (subjects.length === 1) return single(subjects[0] ?? "");
  const hasManyFilters = major > 2 || (major === 2 && minor >= 10);
  if (hasManyFilters) return { key: JSON.stringify(subjects), config: { filter_subjects: subjects } };
  return single("evt.>");
}

function single(subject: string) {
  return { key: JSON.stringify(subject), config: { filter_subject: subject } };
}
