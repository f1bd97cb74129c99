import type { Kit } from "@shop/service";
import { categoryLoader } from "./loaders/categories.ts";
import { productPages } from "./loaders/product-pages.ts";
import { productLoader } from "./loaders/products.ts";
import { openStore } from "./store/store.ts";

/** The settings that the resolvers and the store are wired with. */
type Settings = { SHOP_CURRENCY: string };

/** The dependencies of resolvers and use cases. */
export type Deps = ReturnType<typeof openDeps>;

/** Topic of the broadcast of changed products: their ids, separated by spaces. */
const changedTopic = "changed";

/** Opens the loaders and the store. */
export function openDeps({ pg, bus, config }: Pick<Kit<Settings>, "pg" | "bus" | "config">) {
  const products = productLoader(pg.sql);
  const evict = (ids: readonly string[]) => {
    if (ids.length === 0) return;
    products.evict(ids);
    bus.broadcast(changedTopic, ids.join(" "));
  };
  const unsubscribe = bus.onBroadcast("catalog", changedTopic, (text) => products.evict(text.split(" ")));
  return {
    pg,
    shopCurrency: config.SHOP_CURRENCY,
    products,
    categories: categoryLoader(pg.sql),
    pages: productPages(pg.sql, products),
    store: openStore(pg, evict),
    /** Evicts products from the caches of this and every other instance. */
    evict,
    [Symbol.dispose]: unsubscribe,
  };
}
