import type { IncomingMessage } from "node:http";
import { CloseCode, makeServer, type ConnectionInitMessage, type ServerOptions } from "graphql-ws";
import type { WebSocket } from "ws";
import { inOrderOfIds } from "./operation-ids.ts";

/** What a socket may hold up, beside what the operations on it may. */
export type SocketLimits = {
  /** Bytes that wait to be read by one client: with more, its socket is closed. */
  maxWaitingBytes: number;
  /** The same for all clients together; with more, one that has 256 KB waiting is closed. */
  maxWaitingBytesInAll: number;
  /** How long one message may take to leave, and a ping to be answered. */
  patienceMs: number;
  /** How often a client is pinged; every 12 s by default. */
  pingMs?: number;
};

/** What graphql-ws is given of a socket. */
export type SocketExtra = { socket: WebSocket; request: IncomingMessage };

const initWithinMs = 3_000;
const closeWithinMs = 2_000;
const tryAgainLater = 1013;
const manyBytes = 256 * 1024;

/**
 * Serves graphql-ws on sockets of `ws`, in place of the adapter of graphql-ws. In addition it
 * - keeps operations of one id in order: graphql-ws forgets the first of two whose id is used again before it has ended;
 * - closes a client that reads too slowly, doesn't answer pings, or sends no connection_init within 3 s;
 * - terminates what doesn't close within 2 s.
 * Answers a function that takes one opened socket.
 */
export function serveGraphqlSockets<Params extends ConnectionInitMessage["payload"], Extra extends object>(
  options: ServerOptions<Params, SocketExtra & Partial<Extra>>,
  limits: SocketLimits,
): (socket: WebSocket, request: IncomingMessage) => void {
  const server = makeServer<Params, SocketExtra & Partial<Extra>>({
    ...options,
    connectionInitWaitTimeout: initWithinMs,
  });
  let waitingInAll = 0;

  return (socket, request) => {
    // What a client sends amiss (a frame too large, no UTF-8) ends its socket with a code that says so, and is no fault of ours.
    socket.on("error", () => undefined);
    const stopPings = keepAlive(socket, limits);

    const send = (data: string): Promise<void> => {
      if (socket.readyState !== socket.OPEN) return Promise.resolve();
      const isFull =
        socket.bufferedAmount > limits.maxWaitingBytes ||
        (waitingInAll > limits.maxWaitingBytesInAll && socket.bufferedAmount > manyBytes);
      if (isFull) {
        closeSocket(socket, tryAgainLater, "Updates came faster than they were read.");
        return Promise.resolve();
      }
      waitingInAll += data.length;
      return new Promise((resolve) => {
        const tooSlow = setTimeout(() => socket.terminate(), limits.patienceMs);
        // An error means that the socket is closing, which ends its operations.
        socket.send(data, () => {
          clearTimeout(tooSlow);
          waitingInAll -= data.length;
          resolve();
        });
      });
    };

    const closed = server.opened(
      {
        protocol: socket.protocol,
        send,
        close: (code, reason) => closeSocket(socket, code, reason),
        onMessage(handle) {
          const handleInOrder = inOrderOfIds(handle);
          socket.on("message", (data) => {
            handleInOrder((data as Buffer).toString("utf8")).catch(() =>
              closeSocket(socket, CloseCode.InternalServerError, "Internal server error"),
            );
          });
        },
      },
      { socket, request } as SocketExtra & Partial<Extra>,
    );
    socket.once("close", (code, reason) => {
      stopPings();
      void closed(code, String(reason));
    });
  };
}

/** Closes with a code and a reason; terminates a socket whose client doesn't close in turn. */
export function closeSocket(socket: WebSocket, code?: number, reason?: string): void {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), closeWithinMs);
  socket.once("close", () => clearTimeout(timer));
}

function keepAlive(socket: WebSocket, { patienceMs, pingMs = 12_000 }: SocketLimits): () => void {
  let pong: NodeJS.Timeout | undefined;
  socket.on("pong", () => {
    clearTimeout(pong);
    pong = undefined;
  });
  const pings = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    pong ??= setTimeout(() => socket.terminate(), patienceMs);
    socket.ping();
  }, pingMs);
  return () => {
    clearInterval(pings);
    clearTimeout(pong);
  };
}
