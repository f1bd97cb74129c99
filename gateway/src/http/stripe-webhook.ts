import { BodyTooLarge, readBody, sendJson } from "@shop/service/http";
import type { Logger } from "pino";
import type { SubgraphConnection } from "../subgraphs/connection.ts";
import type { HttpEndpoint } from "./graphql-endpoint.ts";

const path = "/webhooks/stripe";
const maxBytes = 1024 * 1024;

/** Passes Stripe's calls on to payment byte for byte, since their signature is over the bytes. */
export function stripeWebhook(payment: SubgraphConnection | undefined, log: Logger): HttpEndpoint {
  return async (request, response) => {
    try {
      const body = await readBody(request, maxBytes);
      const headers: Record<string, string> = {};
      for (const name of ["content-type", "stripe-signature"]) {
        const value = request.headers[name];
        if (typeof value === "string") headers[name] = value;
      }
      if (!payment) throw new Error("There is no payment service");
      const answer = await payment.relay("POST", path, { timeoutMs: 15_000, headers, body });
      const contentType = answer.headers["content-type"];
      response.writeHead(
        answer.status,
        typeof contentType === "string" ? { "content-type": contentType } : {},
      );
      response.end(answer.body);
    } catch (error) {
      if (error instanceof BodyTooLarge) return sendJson(response, 413, { error: "too large" });
      // Stripe retries for days on any status but 2xx.
      log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        "a webhook could not be passed on",
      );
      sendJson(response, 503, { error: "payment is not available right now" });
    }
  };
}
