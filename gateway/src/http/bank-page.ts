import { BodyTooLarge, readBody, sendJson, sendText } from "@shop/service/http";
import type { Logger } from "pino";
import type { HttpEndpoint } from "./graphql-endpoint.ts";

const maxBytes = 4 * 1024;
const timeoutMs = 10_000;

/**
 * The 3-D Secure page of the stand-in for Stripe at the gateway's own address, so that a phone reaches the page, and nothing
 * else of the stand-in. The client secret in the path is the permission.
 */
export function bankPage(standIn: string, log: Logger): HttpEndpoint {
  return async (request, response) => {
    const { method = "GET" } = request;
    if (!["GET", "HEAD", "POST"].includes(method)) return sendJson(response, 404, { error: "not found" });
    const [path = "/"] = (request.url ?? "/").split("?");
    // One path segment with the letters of a client secret, so that no other path of the stand-in can be reached.
    if (!/^\/authenticate\/[A-Za-z0-9_-]+$/.test(path))
      return sendJson(response, 404, { error: "not found" });
    try {
      const body = method === "POST" ? await readBody(request, maxBytes) : undefined;
      const answer = await fetch(new URL(path, standIn), {
        method,
        ...(body && { body: new Uint8Array(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      sendText(response, answer.status, "text/html; charset=utf-8", await answer.text());
    } catch (error) {
      if (error instanceof BodyTooLarge) return sendJson(response, 413, { error: "too large" });
      log.warn({ err: error }, "the stand-in's page could not be shown");
      sendJson(response, 503, { error: "the bank's page is not available right now" });
    }
  };
}
