import { defineService } from "@shop/service";
import { z } from "zod";
import { openDeps } from "./deps.ts";
import { defaultHoldRules } from "./domain/unpaid-unit-limits.ts";
import { handlers, projection } from "./events.ts";
import { requestHandlers } from "./requests.ts";
import { resolvers } from "./resolvers.ts";
import { meetFlashDeadlines } from "./tasks.ts";

export default defineService({
  name: "inventory",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  redis: true,
  config: {
    UNPAID_SHARE_PERCENT: z.coerce.number().int().min(0).max(50).default(defaultHoldRules.percent),
    UNPAID_SHARE_UNITS: z.coerce.number().int().min(0).default(defaultHoldRules.units),
    UNPAID_LAST_UNITS: z.coerce.number().int().min(0).default(defaultHoldRules.lastUnits),
  },
  start(kit) {
    const deps = openDeps(kit);
    return {
      resolvers: resolvers(deps),
      context: () => deps.loaders,
      handlers: handlers(deps),
      projection: projection(deps),
      requestHandlers: requestHandlers(deps),
      workers: [deps.stock, deps.flash, meetFlashDeadlines(deps)],
    };
  },
});
