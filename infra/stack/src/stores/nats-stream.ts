import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  ErrorCode,
  NatsError,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type NatsConnection,
  type StreamInfo,
} from "nats";
import { z } from "zod";
import { eventRetentionDays } from "@shop/values";

export const stream = "SHOP";
const keepNs = eventRetentionDays * 24 * 3600 * 1e9;

export const consumerRequest = z.object({
  subjects: z.array(z.string().regex(/^evt\.[a-z]+\.\*\.[A-Za-z]+$/)).min(1),
  maxAckPending: z.int().min(1).max(10_000),
  ackWaitS: z.int().min(1).max(600),
});
export type ConsumerRequest = z.infer<typeof consumerRequest>;

/**
 * Makes the stream, unless it is there. A stream that is there keeps its own `max_age`, which an operator may have chosen: a
 * change of `eventRetentionDays` reaches only new ones.
 */
export async function ensureStream(manager: JetStreamManager): Promise<StreamInfo> {
  const known = await orNothing(manager.streams.info(stream));
  if (known) {
    // Made before services looked up their last event by its subject.
    return known.config.allow_direct ? known : await manager.streams.update(stream, { allow_direct: true });
  }
  return await manager.streams.add({
    name: stream,
    subjects: ["evt.>"],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: keepNs,
    duplicate_window: 120 * 1e9,
    num_replicas: 1,
    allow_direct: true,
  });
}

/** Makes a service's consumer, or widens it; it delivers to `deliver.<service>.<kind>`. */
export async function ensureConsumer(
  connection: NatsConnection,
  manager: JetStreamManager,
  service: string,
  kind: string,
  wanted: ConsumerRequest,
): Promise<ConsumerInfo> {
  const name = `${service}-${kind}`;
  const known = await orNothing(manager.consumers.info(stream, name));
  const subjects = union(known ? subjectsOf(known) : [], wanted.subjects);
  const config = {
    ...filter(connection, subjects),
    ack_wait: wanted.ackWaitS * 1e9,
    max_ack_pending: wanted.maxAckPending,
  };
  const delivery = { deliver_subject: `deliver.${service}.${kind}`, deliver_group: service };
  if (known?.config.deliver_subject === delivery.deliver_subject) {
    if (isSame(known.config, config)) return known;
    return await manager.consumers.update(stream, name, config);
  }
  // One of an earlier release was pulled; the new one goes on where it was.
  if (known) await manager.consumers.delete(stream, name);
  const start = known
    ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: known.ack_floor.stream_seq + 1 }
    : { deliver_policy: DeliverPolicy.All };
  return await manager.consumers.add(stream, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    max_deliver: -1,
    ...start,
    ...delivery,
    ...config,
  });
}

/** Servers before 2.10 have one filter; there the consumer's description says which subjects it is for. */
function filter(connection: NatsConnection, subjects: string[]): Partial<ConsumerConfig> {
  const [major = 0, minor = 0] = (connection.info?.version ?? "0.0").split(".").map(Number);
  const hasManyFilters = major > 2 || (major === 2 && minor >= 10);
  const description = subjects.join(" ");
  // An update keeps a setting that is absent, and removes one that is undefined.
  const [one = ""] = subjects.length === 1 ? subjects : ["evt.>"];
  const filters =
    subjects.length > 1 && hasManyFilters
      ? { filter_subject: undefined, filter_subjects: subjects }
      : { filter_subject: one, filter_subjects: undefined };
  return { description, ...(filters as object) };
}

export function subjectsOf({ config }: ConsumerInfo): string[] {
  const { filter_subjects: many, filter_subject: one, description = "" } = config;
  if (many && many.length > 0) return many.toSorted();
  if (one !== undefined && one !== "evt.>" && one !== "") return [one];
  return description.split(" ").filter((subject) => subject.startsWith("evt."));
}

function isSame(known: ConsumerConfig, config: Partial<ConsumerConfig>): boolean {
  return (
    JSON.stringify(known.filter_subjects?.toSorted() ?? known.filter_subject) ===
      JSON.stringify(config.filter_subjects ?? config.filter_subject) &&
    known.description === config.description &&
    known.ack_wait === config.ack_wait &&
    known.max_ack_pending === config.max_ack_pending
  );
}

export function union(some: readonly string[] = [], more: readonly string[]): string[] {
  return [...new Set([...some, ...more])].toSorted();
}

async function orNothing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    const isMissing =
      error instanceof NatsError &&
      (error.code === ErrorCode.JetStream404NoMessages || /not found/i.test(error.message));
    if (isMissing) return undefined;
    throw error;
  }
}
