import { defineService, requireRole } from "@shop/service";
import { cachedSearch } from "./result-cache.ts";
import { keepIndex } from "./rebuild-index.ts";
import { projects } from "./events.ts";
import { engineSettings, openEngine } from "./open-engine.ts";
import { redisQueryStore } from "./redis-result-store.ts";
import { resolversOf } from "./resolvers.ts";
import { tellActivity } from "./publish-activity.ts";

export default defineService({
  name: "search",
  schema: new URL("../schema.graphql", import.meta.url),
  redis: true,
  config: engineSettings,
  async start({ bus, log, redis, config }) {
    const engine = await openEngine(config, log);
    const notes = tellActivity(bus, log);
    const cached = cachedSearch(engine, redisQueryStore(redis, log));
    const keeper = keepIndex({ engine, bus, log });
    return {
      resolvers: resolversOf({ engine, search: cached.search, notes, currency: config.SHOP_CURRENCY }),
      projects: projects(engine),
      answers: {
        async "search.rebuild"(asked, identity) {
          requireRole({ identity }, "STAFF");
          return keeper.rebuild(asked);
        },
      },
      ready: async () => (await engine.ready()) ?? (await keeper.whyIncomplete()),
      workers: [engine, notes, cached, keeper],
    };
  },
});
