import { defineService } from "@shop/service";
import { isCurrency } from "@shop/values";
import { z } from "zod";
import { readLanguages } from "./analysis/language.ts";
import { completeIndex } from "./complete-index.ts";
import { openEmbeddedEngine } from "./embedded/embedded-engine.ts";
import { projects } from "./events.ts";
import { resolversOf } from "./resolvers.ts";

export default defineService({
  name: "search",
  schema: new URL("../schema.graphql", import.meta.url),
  config: {
    SEARCH_DATA_FOLDER: z.string().min(1),
    SEARCH_LANGUAGES: z.string().default("en").transform(readLanguages),
    SEARCH_SYNONYMS_FILE: z.string().optional(),
    SHOP_CURRENCY: z.string().refine(isCurrency, "expected an ISO 4217 code").default("USD"),
  },
  async start({ bus, log, config }) {
    const engine = await openEmbeddedEngine({
      folder: config.SEARCH_DATA_FOLDER,
      spoken: config.SEARCH_LANGUAGES,
      synonymsFile: config.SEARCH_SYNONYMS_FILE,
      onError: (error) => log.error({ err: error }, "the search index's thread died; it is started again"),
    });
    return {
      resolvers: resolversOf({ engine, currency: config.SHOP_CURRENCY }),
      projects: projects(engine),
      ready: async () => ((await engine.isComplete()) ? undefined : "the search index is being filled"),
      workers: [engine, completeIndex({ engine, bus, log })],
    };
  },
});
