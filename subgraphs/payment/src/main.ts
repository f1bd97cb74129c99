import { defineService } from "@shop/service";
import { z } from "zod";
import { hearing } from "./events.ts";
import { hearingProvider } from "./use-cases/receive-provider-event.ts";
import { looking } from "./use-cases/settle-books.ts";
import { parkedIntents } from "./store/parked-intents.ts";
import { startReconciler } from "./use-cases/reconcile.ts";
import { contextOf, resolvers } from "./resolvers.ts";
import { settling } from "./use-cases/settle-intent.ts";
import { paymentStore } from "./store/payments.ts";
import { alarmOn } from "./stripe/alarm.ts";
import { stripeClient } from "./stripe/client.ts";
import { performer } from "./stripe/perform.ts";
import { providerTasks } from "./tasks.ts";
import { stripeWebhook, webhookSecrets } from "./stripe/webhook.ts";

export default defineService({
  name: "payment",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    STRIPE_SECRET_KEY: z.string().regex(/^(sk|rk)_(test|live)_\w+$/, "expected a key such as sk_test_…"),
    STRIPE_API_URL: z.url().optional(),
    /** Without it no webhook is taken, and the reconciler alone finds out what customers did at their bank. */
    STRIPE_WEBHOOK_SECRET: webhookSecrets.optional(),
    STRIPE_TIMEOUT_MS: z.coerce.number().int().positive().default(8000),
    NODE_ENV: z.string().default("development"),
    RECONCILE_EVERY_S: z.coerce.number().positive().default(10),
  },
  async start(kit) {
    const { pg, bus, log, config, openSealed } = kit;
    if (config.NODE_ENV === "production" && config.STRIPE_SECRET_KEY === standInKey)
      throw new Error("STRIPE_SECRET_KEY is the stand-in's and is refused with NODE_ENV=production.");
    const store = paymentStore(pg);
    const shop = await store.shop();
    const stripe = stripeClient({
      secretKey: config.STRIPE_SECRET_KEY,
      apiUrl: config.STRIPE_API_URL,
      timeoutMs: config.STRIPE_TIMEOUT_MS,
    });
    const parked = parkedIntents(pg);
    const hear = hearingProvider({ pg, store, shop });
    const standingOf = (orderId: string) => bus.request("order.standing", { orderId }, { kind: "guest" });
    const settle = settling({ pg, store, parked, stripe, shop, standingOf, log });
    const secrets = config.STRIPE_WEBHOOK_SECRET;
    const everySeconds = config.RECONCILE_EVERY_S;
    return {
      resolvers: resolvers(kit, parked),
      context: () => contextOf(store),
      handlers: hearing(store),
      tasks: providerTasks({
        pg,
        store,
        perform: performer(stripe, shop, openSealed, alarmOn(log)),
        settle,
        look: looking({ pg, store, stripe }),
        log,
      }),
      routes: secrets ? { "POST /webhooks/stripe": stripeWebhook({ stripe, hear, secrets }) } : {},
      workers: [startReconciler({ pg, store, parked, stripe, shop, settle, hear, everySeconds, log })],
    };
  },
});

/** What a demonstration sends to the stand-in, which takes any. */
const standInKey = "sk_test_local";
