import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Thrown for a body above its limit. */
export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
}

/** Thrown when the bodies of all requests are at their limit. */
export class TooManyBodies extends Error {
  override name = "TooManyBodies";
}

/**
 * Reads the whole body. The rest of one above the limit is read and dropped, up to 16 MB, so that the client gets the
 * refusal. `hold` answers whether there is room for so many bytes more, default always.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  hold: (bytes: number) => boolean = () => true,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) reject(new BodyTooLarge());
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes && hold(chunk.length)) chunks.push(chunk);
      else if (bytes <= maxBytes) {
        chunks.length = 0;
        reject(new TooManyBodies());
      } else if (bytes > maxBytes + toleratedBytes) request.destroy();
      else reject(new BodyTooLarge());
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("close", () => reject(new Error("The client went away")));
  });
}

const toleratedBytes = 16 * 1024 * 1024;

/** Answers a text of this content type, with its length, in one write. */
export function sendText(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, "application/json; charset=utf-8", `${JSON.stringify(body)}\n`);
}

/** Listens at a port of a host, or at a socket that was handed over as an open file; gives the port. */
export async function listen(
  server: Server,
  place: { port: number; host: string } | { fd: number },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(place, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/**
 * Takes no more connections and waits for the requests under way and for upgraded sockets, `graceMs` at most, then closes
 * what is left but upgraded sockets.
 */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // A connection that was busy just now stays open for the client's next request, which must go elsewhere.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const timer = setTimeout(resolve, graceMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
  server.closeAllConnections();
}
