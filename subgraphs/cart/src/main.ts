import { defineService } from "@shop/service";
import { isCountry, isCurrency } from "@shop/values";
import { z } from "zod";
import { handlers, projection, tasks } from "./events.ts";
import { quoting as openQuoting } from "./quote.ts";
import { rebuildProjection } from "./rebuild-projection.ts";
import { contextOf, resolversOf } from "./resolvers.ts";
import { openStore } from "./store/index.ts";

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
  async start({ pg, redis, bus, log, config: settings }) {
    const store = await openStore(pg, redis, log, {
      guestCartsPerAddress: settings.GUEST_CARTS_PER_ADDRESS,
    });
    const quoting = openQuoting(store, bus);
    const rebuilding = rebuildProjection({ pg, bus, log });
    return {
      resolvers: resolversOf({ pg, bus, store, quoting, settings }),
      context: () => contextOf(store),
      handlers: handlers(store),
      projection: { ...projection, missed: rebuilding.again },
      requestHandlers: { "cart.quote": quoting.forOrder },
      tasks: tasks(pg, store),
      workers: [store.variants, rebuilding],
    };
  },
});
