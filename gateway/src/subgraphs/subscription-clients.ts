import { createClient, type Client, type FormattedExecutionResult, type Sink } from "graphql-ws";
import { WebSocket } from "ws";
import type { SubgraphConnection } from "./connection.ts";

/** One socket to each subgraph that has subscriptions, shared by all clients, opened when first needed. */
export class Upstreams {
  readonly #connections: ReadonlyMap<string, SubgraphConnection>;
  readonly #clients = new Map<string, Client>();

  constructor(connections: ReadonlyMap<string, SubgraphConnection>) {
    this.#connections = connections;
  }

  /**
   * `request` is read anew each time it is sent, so that after a break it can ask for what is still missing.
   * `lost` is told of each break; the socket is opened again by itself until `sink.error` says that it wasn't.
   */
  subscribe(service: string, request: UpstreamRequest, sink: UpstreamSink): () => void {
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
      void Promise.resolve(client.dispose()).catch(() => {}); // It was still connecting, and failed: nothing to close.
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

export interface UpstreamRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown>;
  readonly extensions: { identity: string; known?: boolean };
}

export type UpstreamSink = Sink<FormattedExecutionResult> & { lost(): void };

const pingMs = 10_000;
const pongMs = 5_000;
/** About a minute of trying, at most two seconds apart. */
const tries = 35;

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
    retryAttempts: tries,
    shouldRetry: () => true,
    retryWait: (retries) => {
      const ceiling = Math.min(2_000, 100 * 2 ** retries);
      return new Promise((resolve) => setTimeout(resolve, ceiling / 2 + (Math.random() * ceiling) / 2));
    },
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      // A subgraph that hangs keeps its socket open: no pong in time counts as a break. The socket is destroyed,
      // since a closing one would still deliver events, which the resumed stream brings too.
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
