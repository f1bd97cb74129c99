import {
  requests,
  streamName,
  type Asks,
  type Replies,
  type RequestName,
  type ServiceName,
} from "@shop/events";
import {
  connect,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type NatsConnection,
} from "nats";
import { z } from "zod";
import { unavailable } from "./errors.ts";
import { signIdentity, verifyIdentity, type Identity } from "./identity.ts";
import type { Logger } from "./telemetry.ts";

/** How a request is answered; throwing answers "unavailable" and logs the cause. */
export type Answers = { [N in RequestName]?: (asked: Asks<N>, identity: Identity) => Promise<Replies<N>> };

/** A service's port to NATS. */
export type Bus = {
  nc: NatsConnection;
  js: JetStreamClient;
  /** Asks another service. Throws SERVICE_UNAVAILABLE when it doesn't answer within 2 s (unless told) or fails. */
  request<N extends RequestName>(
    name: N,
    asked: Asks<N>,
    identity: Identity,
    options?: { timeoutMs?: number },
  ): Promise<Replies<N>>;
  /** Tells all instances of anyone who listens, now or never: for "look again", not for facts. */
  announce(topic: string, text: string): void;
  /** Hears announcements; the returned function stops it. */
  onAnnounce(producer: ServiceName, topic: string, hear: (text: string) => void): () => void;
  answer(answers: Answers): void;
  /** Makes the stream of all events if it isn't there. */
  ensureStream(): Promise<void>;
  onReconnect(listener: () => void): void;
  isUp(): boolean;
  [Symbol.asyncDispose](): Promise<void>;
};

const asking = z.object({ identity: z.string(), asked: z.unknown() });
const replying = z.object({ ok: z.boolean(), reply: z.unknown(), error: z.string().optional() });

/** Events are kept for 7 days, as long as outboxes keep theirs. */
const keepNs = 7 * 24 * 3600 * 1e9;

/** Connects to NATS; credentials are in the URL. Reconnects for ever by itself. */
export async function openBus(input: {
  url: string;
  service: ServiceName;
  identityKey: string;
  calleeKeys: Readonly<Record<string, string>>;
  log: Logger;
}): Promise<Bus> {
  const { service, log } = input;
  const url = new URL(input.url);
  const nc = await connect({
    noAsyncTraces: true,
    servers: url.host,
    name: service,
    ...(url.username
      ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
      : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    waitOnFirstConnect: true,
    inboxPrefix: `_INBOX.${service}`,
  });
  const listeners = new Set<() => void>();
  let isConnected = true;
  void watchStatus();

  async function watchStatus() {
    for await (const status of nc.status()) {
      if (status.type === "disconnect") isConnected = false;
      if (status.type === "reconnect") {
        isConnected = true;
        for (const tell of listeners) tell();
      }
      if (status.type === "error") log.warn({ status: status.data }, "NATS reports an error");
    }
  }

  return {
    nc,
    js: nc.jetstream(),
    onReconnect: (listener) => void listeners.add(listener),
    isUp: () => isConnected && !nc.isClosed(),
    async request(name, asked, identity, options) {
      const callee = name.slice(0, name.indexOf("."));
      const key = input.calleeKeys[callee];
      if (!key) throw new Error(`"${service}" has no key to ask "${callee}": add it to the topology`);
      const body = JSON.stringify({ identity: signIdentity(identity, callee, key), asked });
      try {
        const message = await nc.request(`req.${name}`, body, { timeout: options?.timeoutMs ?? 2_000 });
        const answer = replying.parse(message.json());
        if (!answer.ok) throw new Error(answer.error ?? "failed");
        return requests[name].replies.parse(answer.reply) as Replies<typeof name>;
      } catch (error) {
        log.warn({ err: error, request: name }, "a request to another service failed");
        throw unavailable(`The ${callee} service does not answer now. Try again in a moment.`);
      }
    },
    announce: (topic, text) => nc.publish(`live.${service}.${topic}`, text),
    onAnnounce(producer, topic, hear) {
      const subscription = nc.subscribe(`live.${producer}.${topic}`, {
        callback: (error, message) => {
          if (!error) hear(message.string());
        },
      });
      return () => subscription.unsubscribe();
    },
    answer(answers) {
      for (const name of Object.keys(answers) as RequestName[]) answerOne(name, answers);
    },
    ensureStream: () => ensureStream(nc),
    async [Symbol.asyncDispose]() {
      if (!nc.isClosed()) await nc.drain().catch(() => nc.close());
    },
  };

  function answerOne<N extends RequestName>(name: N, answers: Answers) {
    const reply = answers[name];
    if (!reply) return;
    nc.subscribe(`req.${name}`, {
      queue: service,
      callback: (error, message) => {
        if (error) return;
        void handle(message.string())
          .catch((cause: unknown) => {
            log.error({ err: cause, request: name }, "a request could not be answered");
            return { ok: false, reply: null, error: "failed" };
          })
          .then((answer) => message.respond(JSON.stringify(answer)));
      },
    });
    const handle = async (body: string) => {
      const { identity: token, asked } = asking.parse(JSON.parse(body));
      const identity = verifyIdentity(token, service, input.identityKey);
      if (!identity)
        return { ok: false, reply: null, error: "the asker's identity is not signed for this service" };
      return { ok: true, reply: await reply(requests[name].asks.parse(asked) as Asks<N>, identity) };
    };
  }
}

async function ensureStream(nc: NatsConnection): Promise<void> {
  const jsm = await nc.jetstreamManager();
  const known = await jsm.streams.info(streamName).catch((error: unknown) => {
    if (error instanceof Error && /stream not found|404/i.test(error.message)) return undefined;
    throw error;
  });
  if (known) return;
  await jsm.streams.add({
    name: streamName,
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
