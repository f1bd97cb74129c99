import type { Duplex } from "node:stream";
import { closeSocket } from "@shop/service/graphql-sockets";
import { CloseCode } from "graphql-ws";
import type { WebSocket } from "ws";
import { unauthenticated, type TokenRefusal } from "../errors/coded-errors.ts";

const serviceRestart = 1012;
const tryAgainLater = 1013;

/** After 4403 clients reconnect by themselves, with a new token; after 4401 they don't, since the user has to log in. */
export function closeUnauthenticated(socket: WebSocket, refusal: TokenRefusal): void {
  const code = refusal === "SESSION_ENDED" ? CloseCode.Unauthorized : CloseCode.Forbidden;
  closeSocket(socket, code, unauthenticated(refusal).message);
}

/** Closes a socket whose connection_init names a token otherwise than it is read. Clients don't reconnect after 4401. */
export function closeMisnamed(socket: WebSocket, name: string): void {
  const reason = `connection_init signs in by "authorization": "Bearer …" or "accessToken", not by "${name.slice(0, 20)}".`;
  closeSocket(socket, CloseCode.Unauthorized, reason);
}

/** Closes the socket when its token expires, with the reason, so that the client reconnects with a new token. */
export function closeAtExpiry(expiresAt: number, socket: WebSocket): NodeJS.Timeout {
  const longestTimer = 2 ** 31 - 1;
  const wait = Math.min(Math.max(0, expiresAt - Date.now()), longestTimer);
  return setTimeout(() => closeUnauthenticated(socket, "TOKEN_EXPIRED"), wait);
}

/** Closes a socket of a gateway that stops; clients reconnect by themselves. One that doesn't close in time is terminated. */
export function closeForRestart(client: WebSocket, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => client.terminate(), graceMs);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.close(serviceRestart, "The gateway restarts: connect again.");
  });
}

/** Closes a socket beyond its address' limit: a browser can read the reason of a close, and no status of a refused upgrade. */
export function closeRateLimited(client: WebSocket): void {
  client.on("error", () => undefined);
  closeSocket(client, tryAgainLater, "RATE_LIMITED: this address has all the sockets that it may have now.");
}

/** Answers an upgrade with an HTTP status. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
