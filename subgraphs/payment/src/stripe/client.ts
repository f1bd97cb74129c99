import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import Stripe from "stripe";
import { z } from "zod";

export type StripeSettings = { secretKey: string; apiUrl?: string | undefined; timeoutMs: number };

const maxSockets = 48;

/** The setting `STRIPE_SECRET_KEY`. */
export const secretKey = z.string().regex(/^(sk|rk)_(test|live)_\w+$/, "expected a key such as sk_test_…");

/** The launcher's key for the stand-in, which takes any. */
const standInKey = "sk_test_local";

/** Throws for the stand-in's key: in production it would charge nothing. */
export function refuseStandInKey(key: string): void {
  if (key === standInKey)
    throw new Error("STRIPE_SECRET_KEY is the stand-in's and is refused with NODE_ENV=production.");
}

/** Opens the SDK on kept-alive connections; `apiUrl` is the stand-in's, by default Stripe's own. */
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
    // The SDK tries once more; after that the task is tried again, under the same idempotency key.
    maxNetworkRetries: 1,
    telemetry: false,
  });
}

/** The provider's own second, by the header of its response; Infinity without one, so that nothing counts as young. */
export function secondsOf(headers: Record<string, string>): number {
  const at = Date.parse(headers["date"] ?? "");
  return Number.isNaN(at) ? Infinity : Math.floor(at / 1000);
}
