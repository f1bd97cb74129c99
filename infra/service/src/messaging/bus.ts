import type { ServiceName } from "@shop/events";
import { connect, type ConnectionOptions, type JetStreamClient, type NatsConnection } from "nats";
import { provisionAnswer, type ConsumerNeed, type Provision } from "./provision.ts";
import { broadcastsDropped } from "../runtime/telemetry.ts";
import { withTimeout } from "../runtime/with-timeout.ts";
import {
  handleRequests,
  requestOver,
  type RequestHandlers,
  type RequestParty,
  type SendRequest,
} from "./request-reply.ts";

/** A service's port to NATS. */
export type Bus = {
  nc: NatsConnection;
  js: JetStreamClient;
  request: SendRequest;
  /** Sends a hint to all running instances that subscribe, at most once: for a reason to poll, never for facts. */
  broadcast(topic: string, text: string): void;
  /** Calls `onText` for each broadcast; an error of it is logged and dropped. The returned function unsubscribes. */
  onBroadcast(producer: ServiceName, topic: string, onText: (text: string) => void): () => void;
  handleRequests(handlers: RequestHandlers): void;
  /**
   * Asks the provisioner for the state of the stream and, with `consumer`, has that consumer of this service made if it isn't
   * there; with `counts`, how many events of this service it holds by subject. Throws when it doesn't answer within 2 s.
   */
  provision(consumer?: ConsumerNeed, more?: { counts?: boolean; republishing?: boolean }): Promise<Provision>;
  /** Throws when the stream of all events is not there. */
  ensureStream(): Promise<void>;
  /** A connection to publish by, which never reconnects: what it has not sent when it ends is never sent. */
  connectPublisher(): Promise<NatsConnection>;
  /** A round trip to NATS; throws when it takes longer than 2 s. */
  ping(): Promise<void>;
  onReconnect(listener: () => void): void;
  isUp(): boolean;
  [Symbol.asyncDispose](): Promise<void>;
};

const roundTripMs = 2_000;

/** A stalled server is noticed after two unanswered pings: 10 to 15 s. An error of credentials may be a server that starts. */
function optionsOf(url: string, name: string, inbox: string): ConnectionOptions {
  const { host, username, password } = new URL(url);
  return {
    noAsyncTraces: true,
    servers: host,
    name,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
    pingInterval: 5_000,
    ignoreAuthErrorAbort: true,
    inboxPrefix: `_INBOX.${inbox}`,
  };
}

/**
 * Connects to NATS; credentials are in the URL. Reconnects for ever by itself. Should the connection end for good all the
 * same, `onLost` is called (default: the error is thrown uncaught, which ends the process).
 */
export async function openBus(
  input: RequestParty & { url: string; onLost?: (error: Error) => void },
): Promise<Bus> {
  const { service, log } = input;
  const nc = await connect({
    ...optionsOf(input.url, service, service),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    waitOnFirstConnect: true,
  });
  let isClosing = false;
  void nc.closed().then((cause) => {
    if (isClosing) return;
    const error = new Error("the connection to NATS has ended for good", { cause });
    log.fatal({ err: error }, error.message);
    // Thrown where nothing catches it: nothing here works without NATS, and a new process connects anew.
    (input.onLost ?? ((lost) => setImmediate(() => raise(lost))))(error);
  });
  const listeners = new Set<() => void>();
  let isConnected = true;
  void watchStatus().catch((error: unknown) =>
    log.error({ err: error }, "NATS' statuses are not read any more"),
  );

  async function watchStatus() {
    for await (const status of nc.status()) {
      if (status.type === "disconnect") isConnected = false;
      if (status.type === "reconnect") {
        isConnected = true;
        for (const listener of listeners) guarded("a listener to reconnections", listener);
      }
      if (status.type === "error") log.warn({ status: status.data }, "NATS reports an error");
    }
  }

  /** An error of a callback would end the connection: nats.js calls it while it reads the server's protocol. */
  function guarded(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      log.error({ err: error }, `${what} failed`);
    }
  }

  return {
    nc,
    js: nc.jetstream(),
    onReconnect: (listener) => void listeners.add(listener),
    isUp: () => isConnected && !nc.isClosed(),
    request: requestOver(nc, input),
    broadcast: (topic, text) => nc.publish(`live.${service}.${topic}`, text),
    onBroadcast(producer, topic, onText) {
      const subscription = nc.subscribe(`live.${producer}.${topic}`, {
        callback: (error, message) => {
          if (error) return;
          try {
            onText(message.string());
          } catch (cause) {
            broadcastsDropped.inc({ service });
            log.error(
              { err: cause, subject: message.subject },
              "a broadcast was dropped: its subscriber failed",
            );
          }
        },
      });
      return () => subscription.unsubscribe();
    },
    handleRequests: (handlers) => handleRequests(nc, input, handlers),
    provision,
    async ensureStream() {
      await provision();
    },
    connectPublisher: () =>
      connect({
        ...optionsOf(input.url, `${service}-relay`, `${service}.relay`),
        reconnect: false,
        timeout: 5_000,
      }),
    ping: () => withTimeout(nc.flush(), roundTripMs),
    async [Symbol.asyncDispose]() {
      isClosing = true;
      if (!nc.isClosed()) await nc.drain().catch(() => nc.close());
    },
  };

  async function provision(
    { kind, ...need }: Partial<ConsumerNeed> = {},
    more: { counts?: boolean; republishing?: boolean } = {},
  ): Promise<Provision> {
    const subject = `provision.${service}.${kind ?? "stream"}`;
    const body = JSON.stringify({ ...need, ...more });
    const message = await nc.request(subject, body, { timeout: roundTripMs });
    const answer = provisionAnswer.parse(message.json());
    if (!answer.ok) throw new Error(`the provisioner failed: ${answer.error}`);
    return answer;
  }
}

function raise(error: Error): never {
  throw error;
}
