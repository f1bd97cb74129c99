import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, type ConnectionInitMessage } from "graphql-ws";
import { closeSocket, serveGraphqlSockets, type SocketLimits } from "@shop/service/graphql-sockets";
import { WebSocketServer, type WebSocket } from "ws";
import { tooManyOperations, unauthenticated } from "../coded-errors.ts";
import { clientAddress } from "../http/client-address.ts";
import { guest, type Visitor } from "../identity/caller.ts";
import type { VerifyToken } from "../identity/verify-token.ts";
import { newRequestId } from "../mask-errors.ts";
import type { Metrics } from "../metrics.ts";
import type { SocketPlaces } from "./socket-places.ts";
import type { SocketOperations } from "./socket-operations.ts";

export interface SocketServerParts {
  operations: SocketOperations;
  verify: VerifyToken;
  metrics: Metrics;
  maxSockets: number;
  places: SocketPlaces;
  trustedProxies: number;
  isDraining(): boolean;
}

export interface SocketServer {
  /** Queries and mutations that are being carried out. */
  readonly running: number;
  /** Ends every socket with "service restart", upon which clients come back by themselves, to another gateway. */
  close(): Promise<void>;
}

const serviceRestart = 1012;
const tryAgainLater = 1013;
const maxMessageBytes = 256 * 1024;
const maxOperationsPerSocket = 100;

/** What waits for clients that read slowly. */
const limits: SocketLimits = {
  maxWaitingBytes: 8 * 2 ** 20,
  maxWaitingBytesInAll: 32 * 2 ** 20,
  patienceMs: 15_000,
};

interface Session {
  visitor: Visitor;
  ip: string;
  departure: AbortController;
  expiry?: NodeJS.Timeout;
}

/** graphql-ws at /graphql. */
export function serveSockets(http: Server, parts: SocketServerParts): SocketServer {
  const { operations, verify, metrics, trustedProxies } = parts;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  let running = 0;

  const serve = serveGraphqlSockets<ConnectionInitMessage["payload"], { session: Session }>(
    {
      async onConnect({ connectionParams, extra }) {
        const visitor = await verify(authorizationIn(connectionParams));
        if (visitor.refusal) {
          closeSocket(extra.socket, CloseCode.Forbidden, unauthenticated(visitor.refusal).message);
          return false;
        }
        const session = sessionOf(extra);
        session.visitor = visitor;
        if (visitor.expiresAt !== undefined) session.expiry = closeAt(visitor.expiresAt, extra.socket);
        return true;
      },
      onSubscribe({ extra, subscriptions }, _id, payload) {
        if (Object.keys(subscriptions).length > maxOperationsPerSocket)
          return [tooManyOperations(maxOperationsPerSocket)];
        const { visitor, ip, departure } = sessionOf(extra);
        const { caller } = visitor;
        return operations.prepare(payload, {
          caller,
          ip,
          requestId: newRequestId(),
          signal: departure.signal,
        });
      },
      async execute(args) {
        const timer = metrics.requestSeconds.labels("socket").startTimer();
        running++;
        try {
          return await operations.execute(args);
        } finally {
          running--;
          timer();
        }
      },
      subscribe: (args) => operations.subscribe(args),
      onClose({ extra }) {
        metrics.sockets.dec();
        clearTimeout(extra.session?.expiry);
        extra.session?.departure.abort();
      },
    },
    limits,
  );

  http.on("upgrade", (request, socket, head) => {
    const status = refusalOf(request);
    if (status) return refuse(socket, status);
    const place = parts.places.take(clientAddress(request, trustedProxies));
    if (!place) return refuse(socket, "429 Too Many Requests");
    // The connection itself says when it is over, however it ends and how far it came.
    if (socket.destroyed) place.leave();
    socket.once("close", place.leave);
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (!place.isFree) return sendAway(client);
      metrics.sockets.inc();
      serve(client, request);
    });
  });

  return {
    get running() {
      return running;
    },
    async close() {
      const closed = [...sockets.clients].map((client) => closeWithin(client, 1_000));
      await Promise.all(closed);
    },
  };

  function sessionOf(extra: { session?: Session | undefined; request: IncomingMessage }): Session {
    return (extra.session ??= {
      visitor: { caller: guest },
      ip: clientAddress(extra.request, trustedProxies),
      departure: new AbortController(),
    });
  }

  function refusalOf(request: IncomingMessage): string | undefined {
    if (request.url?.split("?")[0] !== "/graphql") return "404 Not Found";
    if (parts.isDraining() || sockets.clients.size >= parts.maxSockets) return "503 Service Unavailable";
    return undefined;
  }
}

/** Clients write it in one of these ways: `{ authorization }`, `{ Authorization }`, `{ headers: { … } }`. */
function authorizationIn(params: unknown): string | undefined {
  if (typeof params !== "object" || params === null) return undefined;
  for (const [name, value] of Object.entries(params)) {
    if (name.toLowerCase() !== "authorization" || value === null || value === "") continue;
    // Whatever else it is, it was meant to sign in, and is refused as a token that isn't one.
    return typeof value === "string" ? value : "no text";
  }
  return "headers" in params ? authorizationIn(params.headers) : undefined;
}

/** A client that is told why gets itself a new token, and comes back with it. */
function closeAt(expiresAt: number, socket: WebSocket): NodeJS.Timeout {
  const longestTimer = 2 ** 31 - 1;
  const wait = Math.min(Math.max(0, expiresAt - Date.now()), longestTimer);
  return setTimeout(
    () => closeSocket(socket, CloseCode.Forbidden, unauthenticated("TOKEN_EXPIRED").message),
    wait,
  );
}

function closeWithin(client: WebSocket, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => client.terminate(), graceMs);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.close(serviceRestart, "The gateway restarts: connect again.");
  });
}

/** A socket beyond those that its address may have: a browser can read a close, and no status of a refused upgrade. */
function sendAway(client: WebSocket): void {
  client.on("error", () => undefined);
  closeSocket(client, tryAgainLater, "RATE_LIMITED: this address has all the sockets that it may have.");
}

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
