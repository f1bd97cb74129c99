import type { ShopEvent } from "@shop/events";
import type { ActivityStore } from "../activity/activity-store.ts";
import type { SearchEngine } from "../engine/engine.ts";
import { asEngineError } from "../engine/errors.ts";
import { toDocument, toStock } from "./to-document.ts";

const types = [
  "ProductPublished",
  "ProductChanged",
  "ProductArchived",
  "PriceChanged",
  "StockChanged",
] as const;

/**
 * The projection of the index, which is no table: it is written outside of the database. Events carry whole products and whole
 * stocks, so a batch writes the newest of each only.
 */
export function projection(
  engine: Pick<SearchEngine, "write" | "markIncomplete">,
  store: Pick<ActivityStore, "withPopularity">,
) {
  return {
    types,
    missed: () => asEngineError(engine.markIncomplete()),
    async apply(events: readonly ShopEvent<(typeof types)[number]>[]): Promise<void> {
      const products = events.flatMap(({ data }) => ("product" in data ? [data.product] : []));
      const stock = events.flatMap((event) => (event.type === "StockChanged" ? [event.data] : []));
      const documents = newest(products, ({ productId }) => productId).map(toDocument);
      const newestStock = newest(stock, ({ sku }) => sku).map(toStock);
      await asEngineError(engine.write(await store.withPopularity(documents), newestStock));
    },
  };
}

function newest<T extends { version: number }>(changes: readonly T[], keyOf: (change: T) => string): T[] {
  const latest = new Map<string, T>();
  for (const change of changes) {
    const known = latest.get(keyOf(change));
    if (!known || change.version > known.version) latest.set(keyOf(change), change);
  }
  return [...latest.values()];
}
