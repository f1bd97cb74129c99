import { defineService, requireRole } from "@shop/service";
import { keepIndex, whyIncomplete } from "./complete-index.ts";
import { projects } from "./events.ts";
import { engineSettings, openEngine } from "./open-engine.ts";
import { resolversOf } from "./resolvers.ts";

export default defineService({
  name: "search",
  schema: new URL("../schema.graphql", import.meta.url),
  config: engineSettings,
  async start({ bus, log, config }) {
    const engine = await openEngine(config, log);
    const keeper = keepIndex({ engine, bus, log });
    return {
      resolvers: resolversOf({ engine, currency: config.SHOP_CURRENCY }),
      projects: projects(engine),
      answers: {
        async "search.rebuild"(asked, identity) {
          requireRole({ identity }, "STAFF");
          return keeper.rebuild(asked);
        },
      },
      ready: async () => (await engine.ready()) ?? (await whyIncomplete(engine)),
      workers: [engine, keeper],
    };
  },
});
