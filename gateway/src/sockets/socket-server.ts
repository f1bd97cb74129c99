import type { IncomingMessage, Server } from "node:http";
import type { ConnectionInitMessage } from "graphql-ws";
import { chosenProtocol, serveGraphqlSockets, type SocketLimits } from "@shop/service/graphql-sockets";
import { WebSocketServer, type WebSocket } from "ws";
import { tooManyOperations, unauthenticated } from "../errors/coded-errors.ts";
import { clientAddress } from "../http/client-address.ts";
import { guest, type Authentication } from "../identity/caller.ts";
import type { RevokedSessions } from "../identity/revoked-sessions.ts";
import type { VerifyToken } from "../identity/verify-token.ts";
import type { Metrics } from "../metrics.ts";
import { requestIdOf } from "../request-id.ts";
import type { SocketQuota } from "../limits/socket-quota.ts";
import {
  closeAtExpiry,
  closeForRestart,
  closeMisnamed,
  closeRateLimited,
  closeUnauthenticated,
  refuseUpgrade,
} from "./close-socket.ts";
import { connectionToken } from "./connection-token.ts";
import type { SocketOperations } from "./socket-operations.ts";

export interface SocketServerDeps {
  operations: SocketOperations;
  verify: VerifyToken;
  revoked: RevokedSessions;
  metrics: Metrics;
  quota: SocketQuota;
  trustedProxies: number;
  isDraining(): boolean;
}

export interface SocketServer {
  /** Queries and mutations in flight. */
  readonly running: number;
  readonly open: number;
  /** Closes every socket with "service restart", after which clients reconnect by themselves, to another gateway. */
  close(): Promise<void>;
}

const answerGraceMs = 100;
const maxMessageBytes = 256 * 1024;
const maxOperationsPerSocket = 100;

/** Maximum bytes that wait for clients that read slowly. */
const limits: SocketLimits = {
  maxWaitingBytes: 8 * 2 ** 20,
  maxWaitingBytesInAll: 32 * 2 ** 20,
  patienceMs: 15_000,
};

interface Session {
  authentication: Authentication;
  ip: string;
  closed: AbortController;
  expiry?: NodeJS.Timeout;
}

/** Serves graphql-ws at /graphql. */
export function serveSockets(http: Server, deps: SocketServerDeps): SocketServer {
  const { operations, verify, revoked, metrics, quota, trustedProxies } = deps;
  const socketsOf = new Map<string, Set<WebSocket>>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: chosenProtocol,
  });
  let running = 0;

  const serve = serveGraphqlSockets<ConnectionInitMessage["payload"], { session: Session }>(
    {
      async onConnect({ connectionParams, extra }) {
        const token = connectionToken(connectionParams);
        if ("misnamed" in token) {
          closeMisnamed(extra.socket, token.misnamed);
          return false;
        }
        const authentication = await verify(token.authorization);
        const { refusal, expiresAt } = authentication;
        if (refusal) {
          closeUnauthenticated(extra.socket, refusal);
          return false;
        }
        // A socket that has closed meanwhile would never be removed from the session's sockets.
        if (extra.socket.readyState !== extra.socket.OPEN) return false;
        const session = sessionOf(extra);
        session.authentication = authentication;
        addSocket(authentication, extra.socket);
        if (expiresAt !== undefined) session.expiry = closeAtExpiry(expiresAt, extra.socket);
        return true;
      },
      onSubscribe({ extra, subscriptions }, _id, payload) {
        if (Object.keys(subscriptions).length > maxOperationsPerSocket)
          return [tooManyOperations(maxOperationsPerSocket)];
        const { authentication, ip, closed } = sessionOf(extra);
        const { caller } = authentication;
        // The socket is about to be closed.
        if (revoked.has(sidOf(authentication))) return [unauthenticated("SESSION_ENDED")];
        const requestId = requestIdOf(payload.extensions?.["requestId"]);
        return operations.prepare(payload, { caller, ip, requestId, signal: closed.signal });
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
        if (extra.session) removeSocket(extra.session.authentication, extra.socket);
        extra.session?.closed.abort();
      },
    },
    limits,
  );

  revoked.onRevoked((sid) => {
    const ofSession = [...(socketsOf.get(sid) ?? [])];
    // A client that logs out over the socket itself still gets the answer.
    setTimeout(() => {
      for (const socket of ofSession) closeUnauthenticated(socket, "SESSION_ENDED");
    }, answerGraceMs).unref();
  });

  http.on("upgrade", (request, socket, head) => {
    const status = refusalOf(request);
    if (status) return refuseUpgrade(socket, status);
    const place = quota.acquire(clientAddress(request, trustedProxies));
    if (!place) return refuseUpgrade(socket, "429 Too Many Requests");
    // The connection's own close event comes in every case, also when the upgrade fails.
    if (socket.destroyed) place.release();
    socket.once("close", place.release);
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (!place.isAccepted) return closeRateLimited(client);
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
      const closed = [...sockets.clients].map((client) => closeForRestart(client, 1_000));
      await Promise.all(closed);
    },
  };

  function addSocket(authentication: Authentication, socket: WebSocket): void {
    const sid = sidOf(authentication);
    if (sid === undefined) return;
    const others = socketsOf.get(sid);
    if (others) others.add(socket);
    else socketsOf.set(sid, new Set([socket]));
  }

  function removeSocket(authentication: Authentication, socket: WebSocket): void {
    const sid = sidOf(authentication);
    const others = sid === undefined ? undefined : socketsOf.get(sid);
    others?.delete(socket);
    if (sid !== undefined && others?.size === 0) socketsOf.delete(sid);
  }

  function sessionOf(extra: { session?: Session | undefined; request: IncomingMessage }): Session {
    return (extra.session ??= {
      authentication: { caller: guest },
      ip: clientAddress(extra.request, trustedProxies),
      closed: new AbortController(),
    });
  }

  function refusalOf(request: IncomingMessage): string | undefined {
    if (request.url?.split("?")[0] !== "/graphql") return "404 Not Found";
    if (deps.isDraining() || quota.isFull) return "503 Service Unavailable";
    return undefined;
  }
}

function sidOf({ caller }: Authentication): string | undefined {
  return caller.kind === "user" ? caller.sid : undefined;
}
