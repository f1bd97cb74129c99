import { connect, type ConsumerInfo, type Msg, type StreamInfo } from "nats";
import { z } from "zod";
import { messageOf } from "../messages.ts";
import { provisionerName } from "./nats-permissions.ts";
import type { Backlog } from "./wait-for-backlog.ts";
import { consumerRequest, ensureConsumer, ensureStream, stream, subjectsOf, union } from "./nats-stream.ts";
import type { ConsumerRequest } from "./nats-stream.ts";

/** Makes the stream and the services' consumers, and makes them again when they were lost. */
export type NatsProvisioner = { backlog: () => Promise<Backlog>; stop: () => Promise<void> };

/** How often it checks that the stream and all consumers are there. */
const watchEveryMs = 1_000;

/** A relay that republishes lost events says so with each batch; that holds for this long. */
const republishingForMs = 5_000;

const streamRequest = z.object({ counts: z.boolean().default(false), republishing: z.boolean().optional() });
/**
 * Answers `provision.<service>.<stream|inbox|projection>` with the state of the stream and that consumer, after it has made
 * the missing one. A consumer's filter is only ever widened: two releases of a service share it, and each must get the events that
 * it alone subscribes to. Consumers push to `deliver.<service>.<consumer>`, which the service can't change: a pull would let it
 * name any subject. Runs until stopped.
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
  // All requests so far: a lost consumer comes back as wide as it was.
  const wanted = new Map<string, ConsumerRequest>();
  const turns = new Map<string, Promise<unknown>>();
  const republishing = new Map<string, number>();
  /** One act at a time for each name: two instances of a service may request the same at once. */
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
      const request = streamRequest.parse(body);
      if (request.republishing === false) republishing.delete(service);
      if (request.republishing) {
        republishing.set(service, Date.now());
        const consumers = await manager.consumers.list(stream).next();
        return { stream: stateOf(info), consumers: consumers.map(progressOf) };
      }
      if (!request.counts) return { stream: stateOf(info) };
      const counted = await manager.streams.info(stream, { subjects_filter: `evt.${service}.>` });
      return { stream: { ...stateOf(counted), counts: counted.state.subjects ?? {} } };
    }
    if (kind !== "inbox" && kind !== "projection") throw new Error(`no consumer is called "${kind}"`);
    const request = consumerRequest.parse(body);
    const name = `${service}-${kind}`;
    const info = await streamInTurn();
    const consumer = await inTurn(name, async () => {
      const subjects = union(wanted.get(name)?.subjects, request.subjects);
      const made = await ensureConsumer(connection, manager, service, kind, { ...request, subjects });
      wanted.set(name, { ...request, subjects: subjectsOf(made) });
      return made;
    });
    const lately = Date.now() - republishingForMs;
    return {
      stream: stateOf(info),
      consumer: { ...positionOf(consumer), ...progressOf(consumer), subjects: subjectsOf(consumer) },
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
    for (const [name, request] of wanted) {
      const [service = "", kind = ""] = name.split("-");
      await inTurn(name, () => ensureConsumer(connection, manager, service, kind, request));
    }
  };
  // Not the kit's pollLoop: the launcher reaches services by process and URL, and imports no kit (turbo.json).
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const keepWatching = async (): Promise<void> => {
    await watch().catch((error: unknown) => {
      if (!isStopped) say(`the stream could not be checked: ${String(error)}`);
    });
    if (!isStopped) timer = setTimeout(() => void keepWatching(), watchEveryMs);
  };
  await keepWatching();
  return {
    async backlog() {
      const { state } = await manager.streams.info(stream);
      const consumers: ConsumerInfo[] = [];
      for await (const one of manager.consumers.list(stream)) consumers.push(one);
      const waiting = consumers.map(progressOf).map(({ name, pending, inHand }) => [name, pending + inHand]);
      return { lastSeq: state.last_seq, waiting: Object.fromEntries(waiting) as Backlog["waiting"] };
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await connection.close();
    },
  };
}

/** The state of the stream: whether it is the same, and the events that it holds. */
function stateOf({ created, state }: StreamInfo) {
  // The server leaves out a number of deleted that is 0.
  const { first_seq: firstSeq, last_seq: lastSeq } = state;
  return { created, firstSeq, lastSeq, deleted: "num_deleted" in state ? state.num_deleted : 0 };
}

/** The state of a consumer: whether it is the same, its last acknowledged event, whether it is filtered, and subscribed. */
function positionOf({
  config,
  created,
  ack_floor,
  delivered,
  num_ack_pending: open,
  push_bound,
}: ConsumerInfo) {
  const reached = open === 0 ? delivered.stream_seq : ack_floor.stream_seq;
  return { created, reached, isFiltered: config.filter_subject !== "evt.>", isBound: push_bound ?? false };
}

/** The number of a consumer's pending and unacknowledged events, and the last delivered one. */
function progressOf({ name, num_pending, num_ack_pending, delivered, push_bound }: ConsumerInfo) {
  const sentUpTo = delivered.stream_seq;
  return { name, pending: num_pending, inHand: num_ack_pending, sentUpTo, isBound: push_bound ?? false };
}
