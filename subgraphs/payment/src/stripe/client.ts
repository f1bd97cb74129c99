import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import Stripe from "stripe";

export type StripeSettings = { secretKey: string; apiUrl?: string | undefined; timeoutMs: number };

const maxSockets = 48;

/** The SDK on kept-alive connections; `apiUrl` is the stand-in's, Stripe's own unless told. */
export function stripeClient({ secretKey, apiUrl, timeoutMs }: StripeSettings): Stripe {
  const url = new URL(apiUrl ?? "https://api.stripe.com");
  const isPlain = url.protocol === "http:";
  return new Stripe(secretKey, {
    host: url.hostname,
    port: url.port || (isPlain ? "80" : "443"),
    protocol: isPlain ? "http" : "https",
    httpAgent: isPlain
      ? new HttpAgent({ keepAlive: true, maxSockets })
      : new HttpsAgent({ keepAlive: true, maxSockets }),
    timeout: timeoutMs,
    // One quick try more; after that the task comes back, under the same key.
    maxNetworkRetries: 1,
    telemetry: false,
  });
}
