import { defineService } from "@shop/service";
import { hears, projects } from "./events.ts";
import { openLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers.ts";
import { stockPage } from "./store.ts";

/** Stock by warehouse, and what orders have of it. */
export default defineService({
  name: "inventory",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  start({ pg }) {
    const loaders = openLoaders(pg);
    return {
      resolvers: resolvers(pg),
      context: () => loaders,
      hears,
      projects,
      answers: { "inventory.stock": (asked) => stockPage(pg, asked) },
    };
  },
});
