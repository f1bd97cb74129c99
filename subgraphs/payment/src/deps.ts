import type { RequestInput } from "@shop/events";
import type { Kit } from "@shop/service";
import { openStore } from "./store/store.ts";
import { stripeClient } from "./stripe/client.ts";

/** The settings that payment is wired with. */
type Settings = { STRIPE_SECRET_KEY: string; STRIPE_API_URL?: string | undefined; STRIPE_TIMEOUT_MS: number };

/** The dependencies of resolvers, handlers, tasks and use cases. */
export type Deps = Awaited<ReturnType<typeof openDeps>>;

/** Opens the store and Stripe's client. */
export async function openDeps({ pg, bus, log, config, isReadable, openSealed }: Kit<Settings>) {
  const store = openStore(pg);
  return {
    ...{ pg, log, store, isReadable, openSealed },
    /** The mark of our intents at the provider. */
    shop: await store.provider.shop(),
    stripe: stripeClient({
      secretKey: config.STRIPE_SECRET_KEY,
      apiUrl: config.STRIPE_API_URL,
      timeoutMs: config.STRIPE_TIMEOUT_MS,
    }),
    /** Asks order whether a payment wins it; throws when order doesn't reply within a second, after which events decide. */
    win: (asked: RequestInput<"order.win">) =>
      bus.request("order.win", asked, { kind: "guest" }, { timeoutMs: 1_000 }),
    /** The order service's record of an order; throws when it doesn't answer. */
    standingOf: (orderId: string) => bus.request("order.standing", { orderId }, { kind: "guest" }),
  };
}
