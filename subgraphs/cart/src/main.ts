import { defineService } from "@shop/service";
import { isCountry, isCurrency } from "@shop/values";
import { z } from "zod";
import { openDeps } from "./deps.ts";
import { handlers, projection } from "./events.ts";
import { loaders } from "./loaders.ts";
import { requestHandlers } from "./requests.ts";
import { resolvers } from "./resolvers.ts";
import { tasks } from "./tasks.ts";

export default defineService({
  name: "cart",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  redis: true,
  config: {
    SHOP_COUNTRY: z.string().refine(isCountry, "expected an ISO 3166-1 alpha-2 code").default("US"),
    GUEST_CARTS_PER_ADDRESS: z.coerce.number().int().min(1).max(100_000).default(500),
    SHOP_CURRENCY: z.string().refine(isCurrency, "expected an ISO 4217 code").default("USD"),
  },
  async start(kit) {
    const deps = await openDeps(kit);
    return {
      resolvers: resolvers(deps),
      context: () => loaders(deps),
      handlers: handlers(deps),
      projection: projection(deps),
      requestHandlers: requestHandlers(deps),
      tasks: tasks(deps),
      workers: [deps.store.variants, deps.rebuild],
    };
  },
});
