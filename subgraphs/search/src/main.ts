import { defineService, requireRole } from "@shop/service";
import { handlers } from "./activity/events.ts";
import { openDeps } from "./deps.ts";
import { engineSettings } from "./engine/open-engine.ts";
import { projection } from "./indexing/events.ts";
import { resolvers } from "./api/resolvers.ts";

export default defineService({
  name: "search",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  // Searches need no Postgres: without it there are no preferences and no popular queries.
  answersWithoutPostgres: true,
  postgresPool: 2,
  redis: true,
  config: engineSettings,
  async start(kit) {
    const deps = await openDeps(kit);
    const { engine, store, maintainer } = deps;
    return {
      resolvers: resolvers(deps),
      handlers: handlers(store),
      projection: projection(engine, store),
      requestHandlers: {
        async "search.rebuild"(asked, identity) {
          requireRole({ identity }, "STAFF");
          return maintainer.rebuild(asked);
        },
      },
      ready: async () => (await engine.ready()) ?? (await maintainer.notReadyReason()),
      lacks: { index: maintainer.lackingReason },
      workers: deps.workers,
    };
  },
});
