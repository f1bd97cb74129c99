import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import {
  CloseCode,
  DEPRECATED_GRAPHQL_WS_PROTOCOL,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  makeServer,
  MessageType,
  type ConnectionInitMessage,
  type ServerOptions,
  type SubscribePayload,
} from "graphql-ws";
import type { WebSocket } from "ws";
import { BadMessage, inOrderOfIds, type Asked } from "./operation-ids.ts";
import { requestIdIn } from "./request-id.ts";

/** The limits of a socket; its operations have their own. */
export type SocketLimits = {
  /** Bytes that wait to be read by one client: with more, its socket is closed. */
  maxWaitingBytes: number;
  /** The same for the sum of all clients; with more, one that has 256 KB waiting is closed. */
  maxWaitingBytesInAll: number;
  /** How long one message may take to leave, and a ping to be answered. */
  patienceMs: number;
  /** How often a client is pinged; every 12 s by default. */
  pingMs?: number;
};

export type SocketExtra = { socket: WebSocket; request: IncomingMessage };

const initWithinMs = 3_000;
const closeWithinMs = 2_000;
const tryAgainLater = 1013;
const manyBytes = 256 * 1024;

/**
 * Serves graphql-ws on sockets of `ws`, in place of the adapter of graphql-ws. In addition it
 * - keeps operations of one id in order: graphql-ws forgets the first of two whose id is used again before it has ended;
 * - keeps nothing of what a client sent: graphql-ws holds on to the parameters of a connection, and to the text and payload
 *   of each message whose operation runs. `onSubscribe` alone is given the payload, and what it answers holds what it needs;
 *   of the payload itself the request's id stays;
 * - writes what is ready at once in one system call;
 * - closes a client that reads too slowly, doesn't answer pings, or sends no connection_init within 3 s;
 * - terminates what doesn't close within 2 s.
 * Returns a function that takes one opened socket.
 */
export function serveGraphqlSockets<Params extends ConnectionInitMessage["payload"], Extra extends object>(
  options: ServerOptions<Params, SocketExtra & Partial<Extra>> & {
    onSubscribe: NonNullable<ServerOptions<Params, SocketExtra & Partial<Extra>>["onSubscribe"]>;
  },
  limits: SocketLimits,
): (socket: WebSocket, request: IncomingMessage) => void {
  /** The payload of the message that is being handed to graphql-ws, which calls `onSubscribe` before it waits for anything. */
  const payloads = new WeakMap<WebSocket, SubscribePayload>();
  const server = makeServer<Params, SocketExtra & Partial<Extra>>({
    ...options,
    connectionInitWaitTimeout: initWithinMs,
    async onConnect(context) {
      const answer = await options.onConnect?.(context);
      Reflect.deleteProperty(context, "connectionParams");
      return answer;
    },
    onSubscribe(context, id, kept) {
      const payload = payloads.get(context.extra.socket) ?? kept;
      const requestId = requestIdIn(payload);
      if (requestId !== undefined) Object.assign(kept, { extensions: { requestId } });
      return options.onSubscribe(context, id, payload);
    },
  });
  let waitingInAll = 0;

  return (socket, request) => {
    // A client's invalid frame (too large, no UTF-8) closes its socket with a code that says so, and is no fault of the shop.
    socket.on("error", () => undefined);
    const stopPings = keepAlive(socket, limits);
    const holdBack = untilNextTick(request.socket);

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
      holdBack();
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
        close(code, reason) {
          if (code === CloseCode.SubprotocolNotAcceptable) refuseProtocol(socket);
          else closeSocket(socket, code, reason);
        },
        onMessage(handle) {
          const begin = (asked: Asked): Promise<void> => {
            // The socket closed while this operation waited for its id.
            if (socket.readyState !== socket.OPEN) return Promise.resolve();
            if (asked.payload) payloads.set(socket, asked.payload);
            asked.payload = undefined;
            const begun = handle(emptied(asked.id));
            payloads.delete(socket);
            return begun;
          };
          const handleInOrder = inOrderOfIds(handle, begin);
          socket.on("message", (data) => {
            if (socket.readyState !== socket.OPEN) return;
            handleInOrder((data as Buffer).toString("utf8")).catch((error: unknown) => {
              if (error instanceof BadMessage) closeSocket(socket, error.code, error.message);
              else closeSocket(socket, CloseCode.InternalServerError, "Internal server error");
            });
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

/**
 * Holds back what is written to a connection until the promises that are settled now have had their turn: so the messages of
 * all followers of an event leave in one system call, which is half of what a short message costs.
 */
function untilNextTick(connection: Socket): () => void {
  let isHeld = false;
  return () => {
    if (isHeld) return;
    isHeld = true;
    connection.cork();
    process.nextTick(() => {
      isHeld = false;
      connection.uncork();
    });
  };
}

/** The subprotocol that a socket speaks: of those that the client offers, the one that is served, wherever it stands. */
export function chosenProtocol(offered: ReadonlySet<string>): string | false {
  const [first] = offered;
  return offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : (first ?? false);
}

/** Says to a client of another subprotocol what is served: in the reason of the close, and as the old protocol has it. */
function refuseProtocol(socket: WebSocket): void {
  const got = socket.protocol === "" ? "none" : `"${socket.protocol.slice(0, 30)}"`;
  const reason = `Expected the subprotocol "${GRAPHQL_TRANSPORT_WS_PROTOCOL}", got ${got}: use the library graphql-ws.`;
  if (socket.protocol === DEPRECATED_GRAPHQL_WS_PROTOCOL)
    socket.send(JSON.stringify({ type: "connection_error", payload: { message: reason } }));
  closeSocket(socket, CloseCode.SubprotocolNotAcceptable, reason);
}

/** A subscribe message that holds nothing. */
function emptied(id: string): string {
  return JSON.stringify({ id, type: MessageType.Subscribe, payload: { query: "" } });
}

/** The maximum of the reason in a close frame. */
const maxReasonBytes = 123;

/** Closes with a code and a reason (its first 123 bytes); terminates a socket whose client doesn't close in turn. */
export function closeSocket(socket: WebSocket, code?: number, reason?: string): void {
  const isClosing = socket.readyState !== socket.OPEN;
  socket.close(code, reason === undefined ? undefined : cut(reason));
  if (isClosing) return;
  const timer = setTimeout(() => socket.terminate(), closeWithinMs);
  socket.once("close", () => clearTimeout(timer));
}

/** A longer reason would throw, and some contain an id that the client chose. */
function cut(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(maxReasonBytes));
  return reason.slice(0, read);
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
