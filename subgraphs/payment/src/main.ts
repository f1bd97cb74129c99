import { defineService } from "@shop/service";
import { z } from "zod";
import { openDeps } from "./deps.ts";
import { handlers } from "./events.ts";
import { loaders } from "./loaders.ts";
import { resolvers } from "./resolvers.ts";
import { refuseStandInKey, secretKey } from "./stripe/client.ts";
import { webhookRoutes, webhookSecrets } from "./stripe/webhook.ts";
import { tasks } from "./tasks.ts";
import { startReconciler } from "./use-cases/reconcile.ts";

export default defineService({
  name: "payment",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_API_URL: z.url().optional(),
    STRIPE_WEBHOOK_SECRET: webhookSecrets.optional(),
    STRIPE_TIMEOUT_MS: z.coerce.number().int().positive().default(8000),
    NODE_ENV: z.string().default("development"),
    RECONCILE_EVERY_S: z.coerce.number().positive().default(10),
  },
  async start(kit) {
    const { config } = kit;
    if (config.NODE_ENV === "production") refuseStandInKey(config.STRIPE_SECRET_KEY);
    const deps = await openDeps(kit);
    return {
      resolvers: resolvers(deps),
      context: () => loaders(deps),
      handlers: handlers(deps),
      tasks: tasks(deps),
      routes: webhookRoutes(deps, config.STRIPE_WEBHOOK_SECRET),
      workers: [startReconciler(deps, config.RECONCILE_EVERY_S)],
    };
  },
});
