import { defineService } from "@shop/service";
import { openDeps } from "./deps.ts";
import { handlers } from "./events.ts";
import { loaders } from "./loaders.ts";
import { requestHandlers } from "./requests.ts";
import { resolvers } from "./resolvers.ts";
import { settings } from "./settings.ts";
import { meetDeadlines } from "./use-cases/meet-deadlines.ts";

export default defineService({
  name: "order",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: settings,
  start(kit) {
    const deps = openDeps(kit);
    return {
      resolvers: resolvers(deps),
      context: () => ({ load: loaders(deps) }),
      handlers: handlers(deps),
      requestHandlers: requestHandlers(deps),
      workers: [deps.live, meetDeadlines(deps)],
    };
  },
});
