import type { IncomingMessage } from "node:http";

/** Thrown for a body that is larger than it may be. */
export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
}

/** The whole body. What exceeds the limit is read on for a while and thrown away, so that the refusal arrives. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) reject(new BodyTooLarge());
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else if (bytes > maxBytes + toleratedBytes) request.destroy();
      else reject(new BodyTooLarge());
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("close", () => reject(new Error("The client went away")));
  });
}

const toleratedBytes = 16 * 1024 * 1024;
