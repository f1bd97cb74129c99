import { defineService } from "@shop/service";
import { isCurrency } from "@shop/values";
import type { ShopEvent } from "@shop/events";
import { z } from "zod";
import { openCatalog } from "./catalog.ts";
import { projectStock } from "./events.ts";
import { resolvers } from "./resolvers.ts";

export default defineService({
  name: "catalog",
  schema: new URL("../schema.graphql", import.meta.url),
  migrations: new URL("../migrations/", import.meta.url),
  config: {
    SHOP_CURRENCY: z.string().refine(isCurrency, "expected an ISO 4217 code such as USD").default("USD"),
  },
  start(kit) {
    const catalog = openCatalog(kit);
    return {
      resolvers: resolvers(catalog),
      projects: {
        types: ["StockChanged"],
        batch: async (tx, events: readonly ShopEvent<"StockChanged">[]) =>
          catalog.evict(await projectStock(tx, events)),
      },
      answers: { "catalog.products": (asked) => catalog.store.everPublished(asked) },
      workers: [catalog],
    };
  },
});
