import type { Kit } from "@shop/service";
import { openStore } from "./store.ts";
import { readCategories } from "./read-categories.ts";
import { readPages } from "./read-pages.ts";
import { readProducts } from "./read-products.ts";

/** What catalog's resolvers work with. */
export type Catalog = ReturnType<typeof openCatalog>;

/** Topic of the live announcement "these products look otherwise now": their ids, separated by spaces. */
const changedTopic = "changed";

/** Opens catalog's readers and its store. */
export function openCatalog({
  pg,
  bus,
  config,
}: Pick<Kit<{ SHOP_CURRENCY: string }>, "pg" | "bus" | "config">) {
  const products = readProducts(pg.sql);
  const evict = (ids: readonly string[]) => {
    if (ids.length === 0) return;
    products.evict(ids);
    bus.announce(changedTopic, ids.join(" "));
  };
  const stopHearing = bus.onAnnounce("catalog", changedTopic, (text) => products.evict(text.split(" ")));
  return {
    pg,
    shopCurrency: config.SHOP_CURRENCY,
    products,
    categories: readCategories(pg.sql),
    pages: readPages(pg.sql, products),
    store: openStore(pg, evict),
    /** Forgets products here and in every other instance. */
    evict,
    [Symbol.dispose]: stopHearing,
  };
}
