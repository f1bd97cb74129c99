import { defineService } from "@shop/service";
import { isCurrency } from "@shop/values";
import { z } from "zod";
import { openDeps } from "./deps.ts";
import { projection } from "./events.ts";
import { requestHandlers } from "./requests.ts";
import { resolvers } from "./resolvers.ts";

export default defineService({
  name: "catalog",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    SHOP_CURRENCY: z.string().refine(isCurrency, "expected an ISO 4217 code such as USD").default("USD"),
  },
  start(kit) {
    const deps = openDeps(kit);
    return {
      resolvers: resolvers(deps),
      projection: projection(deps),
      requestHandlers: { ...requestHandlers(deps) },
      workers: [deps],
    };
  },
});
