import { defineService, requireRole } from "@shop/service";
import { cachedSearch } from "./cache/result-cache.ts";
import { maintainIndex } from "./indexing/rebuild-index.ts";
import { projection } from "./indexing/events.ts";
import { engineSettings, openEngine } from "./engine/open-engine.ts";
import { redisResultStore } from "./cache/redis-result-store.ts";
import { resolvers } from "./api/resolvers.ts";
import { publishActivity } from "./activity/publish-activity.ts";

export default defineService({
  name: "search",
  schema: new URL("../schema.graphql", import.meta.url),
  redis: true,
  config: engineSettings,
  async start({ bus, log, redis, config }) {
    const engine = await openEngine(config, log);
    const activity = publishActivity(bus, log);
    const cached = cachedSearch(engine, redisResultStore(redis, log));
    const maintainer = maintainIndex({ engine, bus, log });
    return {
      resolvers: resolvers({ engine, search: cached.search, activity, currency: config.SHOP_CURRENCY }),
      projection: projection(engine),
      requestHandlers: {
        async "search.rebuild"(asked, identity) {
          requireRole({ identity }, "STAFF");
          return maintainer.rebuild(asked);
        },
      },
      ready: async () => (await engine.ready()) ?? (await maintainer.notReadyReason()),
      lacks: { index: maintainer.lackingReason },
      workers: [engine, activity, cached, maintainer],
    };
  },
});
