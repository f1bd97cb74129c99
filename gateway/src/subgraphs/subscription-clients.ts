import { createClient, type Client, type FormattedExecutionResult, type Sink } from "graphql-ws";
import { WebSocket } from "ws";
import type { SubgraphConnection } from "./connection.ts";

/** The graphql-ws clients of the subgraphs that have subscriptions: one socket each, opened at the first subscription. */
export class SubscriptionClients {
  readonly #connections: ReadonlyMap<string, SubgraphConnection>;
  readonly #clients = new Map<string, Client>();

  constructor(connections: ReadonlyMap<string, SubgraphConnection>) {
    this.#connections = connections;
  }

  /**
   * Reads `request` each time it is sent, so that after a break it can resume from the last cursor. `sink.lost` is called
   * at each break; the client then reconnects, until `sink.error` says that it could not.
   */
  subscribe(service: string, request: SubscriptionRequest, sink: SubscriptionSink): () => void {
    const client = this.#clientOf(service);
    const forget = client.on("closed", sink.lost);
    const stop = client.subscribe(request, sink);
    return () => {
      forget();
      stop();
    };
  }

  close(): void {
    for (const client of this.#clients.values()) {
      void Promise.resolve(client.dispose()).catch(() => {}); // A client that failed to connect has nothing to close.
    }
    this.#clients.clear();
  }

  #clientOf(service: string): Client {
    const known = this.#clients.get(service);
    if (known) return known;
    const connection = this.#connections.get(service);
    if (!connection) throw new Error(`No address is known for ${service}`);
    const client = connect(connection.socketUrl);
    this.#clients.set(service, client);
    return client;
  }
}

export interface SubscriptionRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown>;
  readonly extensions: { identity: string; requestId: string; known: boolean };
}

export type SubscriptionSink = Sink<FormattedExecutionResult> & { lost(): void };

const pingMs = 10_000;
const pongMs = 5_000;
/** About a minute, at most two seconds apart. */
const maxRetries = 35;

function connect(url: string): Client {
  let nextId = 0;
  let pongTimer: NodeJS.Timeout | undefined;
  let socket: WebSocket | undefined;
  return createClient({
    url,
    webSocketImpl: WebSocket,
    lazyCloseTimeout: 10_000,
    connectionAckWaitTimeout: 5_000,
    keepAlive: pingMs,
    generateID: () => String(nextId++),
    retryAttempts: maxRetries,
    shouldRetry: () => true,
    retryWait: (retries) => {
      const ceiling = Math.min(2_000, 100 * 2 ** retries);
      return new Promise((resolve) => setTimeout(resolve, ceiling / 2 + (Math.random() * ceiling) / 2));
    },
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      // A subgraph that hangs keeps its socket open: no pong in time counts as a break. The socket is terminated, since a
      // closing one would still deliver events, which the resumed stream delivers too.
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => socket?.terminate(), pongMs);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
      closed: () => clearTimeout(pongTimer),
    },
  });
}
