import type { IncomingMessage } from "node:http";

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
 * refusal. `hold` answers whether there is room for so many bytes more.
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
