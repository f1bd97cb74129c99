import { defineService } from "@shop/service";
import { z } from "zod";
import { defaultHoldRules, shortagesOf } from "./domain/hold-unpaid.ts";
import { hearing, projection } from "./events.ts";
import { openLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers.ts";
import { levelsOfLines, stockPage } from "./store.ts";

/** Stock by warehouse, and what orders have of it. */
export default defineService({
  name: "inventory",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    UNPAID_SHARE_PERCENT: z.coerce.number().int().min(0).max(50).default(defaultHoldRules.percent),
    UNPAID_SHARE_UNITS: z.coerce.number().int().min(0).default(defaultHoldRules.units),
    UNPAID_LAST_UNITS: z.coerce.number().int().min(0).default(defaultHoldRules.lastUnits),
  },
  start({ pg, config }) {
    const rules = {
      percent: config.UNPAID_SHARE_PERCENT,
      units: config.UNPAID_SHARE_UNITS,
      lastUnits: config.UNPAID_LAST_UNITS,
    };
    const loaders = openLoaders(pg);
    return {
      resolvers: resolvers(pg),
      context: () => loaders,
      handlers: hearing(rules),
      projection,
      requestHandlers: {
        "inventory.stock": (asked) => stockPage(pg, asked),
        "inventory.unpaidLimits": async ({ lines }) => {
          const { shortages } = shortagesOf(lines, await levelsOfLines(pg, lines), "unpaid", rules);
          return { shortages: shortages.filter(({ isUnpaidLimit }) => isUnpaidLimit) };
        },
      },
    };
  },
});
