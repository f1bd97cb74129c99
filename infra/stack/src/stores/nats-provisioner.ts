import {
  AckPolicy,
  connect,
  DeliverPolicy,
  DiscardPolicy,
  ErrorCode,
  NatsError,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type Msg,
  type NatsConnection,
  type StreamInfo,
} from "nats";
import { z } from "zod";
import { messageOf } from "../messages.ts";
import { provisionerName } from "./nats-permissions.ts";

/** Makes the stream and the services' consumers, and makes them again when they were lost. */
export type NatsProvisioner = { stop: () => Promise<void> };

const stream = "SHOP";
/** How often it looks whether all is still there. */
const watchEveryMs = 1_000;
/** Events are kept for 7 days, as long as outboxes keep theirs. */
const keepNs = 7 * 24 * 3600 * 1e9;

/** A relay that publishes lost events again says so with each batch; what it said last holds for this long. */
const republishingForMs = 5_000;

const streamAsked = z.object({ counts: z.boolean().default(false), republishing: z.boolean().optional() });
const consumerAsked = z.object({
  subjects: z.array(z.string().regex(/^evt\.[a-z]+\.\*\.[A-Za-z]+$/)).min(1),
  maxAckPending: z.int().min(1).max(10_000),
  ackWaitS: z.int().min(1).max(600),
});
type ConsumerAsked = z.infer<typeof consumerAsked>;

/**
 * Answers `provision.<service>.<stream|inbox|projection>` with how the stream and that consumer stand, after it has made
 * what was missing. A consumer's filter is only ever widened: two releases of a service share it, and what one of them alone
 * is subscribed to must reach it. All are pushed to
 * `deliver.<service>.<consumer>`, which the service can't change: a pull would let it name any subject. Runs until stopped.
 */
export async function startNatsProvisioner(
  url: string,
  say: (line: string) => void = () => undefined,
): Promise<NatsProvisioner> {
  const { host, username, password } = new URL(url);
  const connection = await connect({
    servers: host,
    name: provisionerName,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
    inboxPrefix: `_INBOX.${provisionerName}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    pingInterval: 5_000,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  });
  const manager = await connection.jetstreamManager({ checkAPI: false });
  // What was asked for since this began: a lost consumer comes back as wide as it was.
  const wanted = new Map<string, ConsumerAsked>();
  const turns = new Map<string, Promise<unknown>>();
  const republishing = new Map<string, number>();
  /** One act at a time for each name: two instances ask for the same at once. */
  const inTurn = <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const mine = (turns.get(name) ?? Promise.resolve()).then(act, act);
    turns.set(
      name,
      mine.catch(() => undefined),
    );
    return mine;
  };
  const streamInTurn = () => inTurn(stream, () => ensureStream(manager));

  const provide = async (subject: string, body: unknown) => {
    const [, service = "", kind = ""] = subject.split(".");
    if (kind === "stream") {
      const info = await streamInTurn();
      const asked = streamAsked.parse(body);
      if (asked.republishing === false) republishing.delete(service);
      if (asked.republishing) {
        republishing.set(service, Date.now());
        const consumers = await manager.consumers.list(stream).next();
        return { stream: standing(info), consumers: consumers.map(progress) };
      }
      if (!asked.counts) return { stream: standing(info) };
      const counted = await manager.streams.info(stream, { subjects_filter: `evt.${service}.>` });
      return { stream: { ...standing(counted), counts: counted.state.subjects ?? {} } };
    }
    if (kind !== "inbox" && kind !== "projection") throw new Error(`no consumer is called "${kind}"`);
    const asked = consumerAsked.parse(body);
    const name = `${service}-${kind}`;
    const info = await streamInTurn();
    const consumer = await inTurn(name, async () => {
      const subjects = union(wanted.get(name)?.subjects, asked.subjects);
      const made = await ensureConsumer(connection, manager, service, kind, { ...asked, subjects });
      wanted.set(name, { ...asked, subjects: subjectsOf(made) });
      return made;
    });
    const lately = Date.now() - republishingForMs;
    return {
      stream: standing(info),
      consumer: { ...place(consumer), ...progress(consumer), subjects: subjectsOf(consumer) },
      republishing: [...republishing].filter(([, at]) => at > lately).map(([producer]) => producer),
    };
  };

  const answer = async (message: Msg): Promise<void> => {
    try {
      message.respond(JSON.stringify({ ok: true, ...(await provide(message.subject, message.json())) }));
    } catch (error) {
      const reason = messageOf(error);
      say(`${message.subject} could not be provided: ${reason}`);
      message.respond(JSON.stringify({ ok: false, error: reason }));
    }
  };
  connection.subscribe("provision.*.*", {
    // Two provisioners, of two releases or two machines, share the work: each only ever adds.
    queue: provisionerName,
    callback: (error, message) => {
      if (!error) void answer(message).catch((cause: unknown) => say(`no answer was sent: ${String(cause)}`));
    },
  });

  const watch = async (): Promise<void> => {
    await streamInTurn();
    for (const [name, asked] of wanted) {
      const [service = "", kind = ""] = name.split("-");
      await inTurn(name, () => ensureConsumer(connection, manager, service, kind, asked));
    }
  };
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const keepWatching = async (): Promise<void> => {
    await watch().catch((error: unknown) => {
      if (!isStopped) say(`the stream could not be looked at: ${String(error)}`);
    });
    if (!isStopped) timer = setTimeout(() => void keepWatching(), watchEveryMs);
  };
  await keepWatching();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await connection.close();
    },
  };
}

/** What a service must know of the stream: whether it is the same, and what it holds. */
function standing({ created, state }: StreamInfo) {
  // The server leaves out a number of deleted that is 0.
  const { first_seq: firstSeq, last_seq: lastSeq } = state;
  return { created, firstSeq, lastSeq, deleted: "num_deleted" in state ? state.num_deleted : 0 };
}

/** Whether the consumer is the same, up to where everything is acknowledged, whether it is filtered, and read from. */
function place({ config, created, ack_floor, delivered, num_ack_pending: open, push_bound }: ConsumerInfo) {
  const reached = open === 0 ? delivered.stream_seq : ack_floor.stream_seq;
  return { created, reached, isFiltered: config.filter_subject !== "evt.>", isBound: push_bound ?? false };
}

/** How many events a consumer has yet to be sent and how many it has in hand, and the last that it was sent. */
function progress({ name, num_pending, num_ack_pending, delivered, push_bound }: ConsumerInfo) {
  const sentUpTo = delivered.stream_seq;
  return { name, pending: num_pending, inHand: num_ack_pending, sentUpTo, isBound: push_bound ?? false };
}

async function ensureStream(manager: JetStreamManager): Promise<StreamInfo> {
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

async function ensureConsumer(
  connection: NatsConnection,
  manager: JetStreamManager,
  service: string,
  kind: string,
  asked: ConsumerAsked,
): Promise<ConsumerInfo> {
  const name = `${service}-${kind}`;
  const known = await orNothing(manager.consumers.info(stream, name));
  const subjects = union(known ? subjectsOf(known) : [], asked.subjects);
  const config = {
    ...filter(connection, subjects),
    ack_wait: asked.ackWaitS * 1e9,
    max_ack_pending: asked.maxAckPending,
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
  // What is undefined takes the place of what an update would keep.
  const [one = ""] = subjects.length === 1 ? subjects : ["evt.>"];
  const filters =
    subjects.length > 1 && hasManyFilters
      ? { filter_subject: undefined, filter_subjects: subjects }
      : { filter_subject: one, filter_subjects: undefined };
  return { description, ...(filters as object) };
}

function subjectsOf({ config }: ConsumerInfo): string[] {
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

function union(some: readonly string[] = [], more: readonly string[]): string[] {
  return [...new Set([...some, ...more])].toSorted();
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const isMissing =
      error instanceof NatsError &&
      (error.code === ErrorCode.JetStream404NoMessages || /not found/i.test(error.message));
    if (isMissing) return undefined;
    throw error;
  }
}
