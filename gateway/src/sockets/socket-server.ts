import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, type ConnectionInitMessage } from "graphql-ws";
import { closeSocket, serveGraphqlSockets, type SocketLimits } from "@shop/service/graphql-sockets";
import { WebSocketServer, type WebSocket } from "ws";
import { tooManyOperations, unauthenticated } from "../errors/coded-errors.ts";
import { clientAddress } from "../http/client-address.ts";
import { guest, type Visitor } from "../identity/caller.ts";
import type { EndedSessions } from "../identity/revoked-sessions.ts";
import type { VerifyToken } from "../identity/verify-token.ts";
import { newRequestId } from "../errors/mask-errors.ts";
import type { Metrics } from "../metrics.ts";
import type { SocketPlaces } from "../limits/socket-quota.ts";
import type { SocketOperations } from "./socket-operations.ts";

export interface SocketServerParts {
  operations: SocketOperations;
  verify: VerifyToken;
  ended: EndedSessions;
  metrics: Metrics;
  places: SocketPlaces;
  trustedProxies: number;
  isDraining(): boolean;
}

export interface SocketServer {
  /** Queries and mutations that are being carried out. */
  readonly running: number;
  readonly open: number;
  /** Ends every socket with "service restart", upon which clients come back by themselves, to another gateway. */
  close(): Promise<void>;
}

const serviceRestart = 1012;
const tryAgainLater = 1013;
const answerGraceMs = 100;
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
  const { operations, verify, ended, metrics, trustedProxies } = parts;
  const socketsOf = new Map<string, Set<WebSocket>>();
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
          closeRefused(extra.socket, visitor.refusal);
          return false;
        }
        // Closed meanwhile: nothing would take its place among the session's sockets away again.
        if (extra.socket.readyState !== extra.socket.OPEN) return false;
        const session = sessionOf(extra);
        session.visitor = visitor;
        follow(visitor, extra.socket);
        if (visitor.expiresAt !== undefined) session.expiry = closeAt(visitor.expiresAt, extra.socket);
        return true;
      },
      onSubscribe({ extra, subscriptions }, _id, payload) {
        if (Object.keys(subscriptions).length > maxOperationsPerSocket)
          return [tooManyOperations(maxOperationsPerSocket)];
        const { visitor, ip, departure } = sessionOf(extra);
        const { caller } = visitor;
        // Its socket is about to be closed.
        if (ended.has(sidOf(visitor))) return [unauthenticated("SESSION_ENDED")];
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
        if (extra.session) unfollow(extra.session.visitor, extra.socket);
        extra.session?.departure.abort();
      },
    },
    limits,
  );

  ended.onEnd((sid) => {
    const following = [...(socketsOf.get(sid) ?? [])];
    // So that who logs out over the socket itself still reads the answer.
    setTimeout(() => {
      for (const socket of following) closeRefused(socket, "SESSION_ENDED");
    }, answerGraceMs).unref();
  });

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
    get open() {
      return sockets.clients.size;
    },
    async close() {
      const closed = [...sockets.clients].map((client) => closeWithin(client, 1_000));
      await Promise.all(closed);
    },
  };

  function follow(visitor: Visitor, socket: WebSocket): void {
    const sid = sidOf(visitor);
    if (sid === undefined) return;
    const others = socketsOf.get(sid);
    if (others) others.add(socket);
    else socketsOf.set(sid, new Set([socket]));
  }

  function unfollow(visitor: Visitor, socket: WebSocket): void {
    const sid = sidOf(visitor);
    const others = sid === undefined ? undefined : socketsOf.get(sid);
    others?.delete(socket);
    if (sid !== undefined && others?.size === 0) socketsOf.delete(sid);
  }

  function sessionOf(extra: { session?: Session | undefined; request: IncomingMessage }): Session {
    return (extra.session ??= {
      visitor: { caller: guest },
      ip: clientAddress(extra.request, trustedProxies),
      departure: new AbortController(),
    });
  }

  function refusalOf(request: IncomingMessage): string | undefined {
    if (request.url?.split("?")[0] !== "/graphql") return "404 Not Found";
    if (parts.isDraining() || parts.places.isFull) return "503 Service Unavailable";
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

function sidOf({ caller }: Visitor): string | undefined {
  return caller.kind === "user" ? caller.sid : undefined;
}

/** Clients come back by themselves after 4403, with a new token; after 4401 they don't: somebody has to log in. */
function closeRefused(socket: WebSocket, refusal: NonNullable<Visitor["refusal"]>): void {
  const code = refusal === "SESSION_ENDED" ? CloseCode.Unauthorized : CloseCode.Forbidden;
  closeSocket(socket, code, unauthenticated(refusal).message);
}

/** A client that is told why gets itself a new token, and comes back with it. */
function closeAt(expiresAt: number, socket: WebSocket): NodeJS.Timeout {
  const longestTimer = 2 ** 31 - 1;
  const wait = Math.min(Math.max(0, expiresAt - Date.now()), longestTimer);
  return setTimeout(() => closeRefused(socket, "TOKEN_EXPIRED"), wait);
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
  closeSocket(client, tryAgainLater, "RATE_LIMITED: this address has all the sockets that it may have now.");
}

function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
