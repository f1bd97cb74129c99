import type { Route } from "@shop/service";
import Stripe from "stripe";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { receiveProviderEvent } from "../use-cases/receive-provider-event.ts";

/** The setting `STRIPE_WEBHOOK_SECRET`: one, or several with commas between while one replaces another. */
export const webhookSecrets = z
  .string()
  .transform((text) => text.split(",").flatMap((secret) => secret.trim() || []))
  .pipe(z.array(z.string().min(8, "expected secrets of at least 8 characters, with commas between")).min(1));

/** The webhook's route; none without a secret. Answers 200 once the event and its task are committed. */
export function webhookRoutes(deps: Deps, secrets: string[] | undefined): Record<string, Route> {
  if (!secrets) return {};
  return {
    async "POST /webhooks/stripe"({ headers, rawBody }) {
      const event = verified(deps.stripe, rawBody, headers["stripe-signature"], secrets);
      if (!event) return { status: 400, body: "The signature does not match." };
      await receiveProviderEvent(deps, event);
      return { status: 200, body: "ok" };
    },
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
