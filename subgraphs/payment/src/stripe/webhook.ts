import type { Route } from "@shop/service";
import Stripe from "stripe";
import { z } from "zod";
import type { HearProvider } from "../use-cases/receive-provider-event.ts";

/** One, or several with commas between: the old one and the next while the provider changes from one to the other. */
export const webhookSecrets = z
  .string()
  .transform((text) => text.split(",").flatMap((secret) => secret.trim() || []))
  .pipe(z.array(z.string().min(8, "expected secrets of at least 8 characters, with commas between")).min(1));

type Parts = { stripe: Stripe; hear: HearProvider; secrets: string[] };

/** Answers 200 once the event is durable by its id, and with it what follows from it. */
export function stripeWebhook({ stripe, hear, secrets }: Parts): Route {
  return async ({ headers, rawBody }) => {
    const event = verified(stripe, rawBody, headers["stripe-signature"], secrets);
    if (!event) return { status: 400, body: "The signature does not match." };
    await hear(event);
    return { status: 200, body: "ok" };
  };
}

function verified(
  stripe: Stripe,
  body: Buffer,
  signature: unknown,
  secrets: string[],
): Stripe.Event | undefined {
  if (typeof signature !== "string") return undefined;
  for (const secret of secrets) {
    try {
      return stripe.webhooks.constructEvent(body, signature, secret);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    }
  }
  return undefined;
}
