import type { ShopEvent } from "@shop/events";
import type { SearchEngine } from "./engine.ts";
import { toDocument, toStock } from "./mapping.ts";

const types = [
  "ProductPublished",
  "ProductChanged",
  "ProductArchived",
  "PriceChanged",
  "StockChanged",
] as const;

type Heard = ShopEvent<(typeof types)[number]>;

/** What the index hears: whole products and whole stocks, so the newest of each is all that a batch must write. */
export function projects(engine: SearchEngine) {
  return {
    types,
    async batch(_: unknown, events: readonly Heard[]): Promise<void> {
      const products = events.flatMap(({ data }) => ("product" in data ? [data.product] : []));
      const stock = events.flatMap(({ data }) => ("product" in data ? [] : [data]));
      await engine.write(
        newest(products, ({ productId }) => productId).map(toDocument),
        newest(stock, ({ sku }) => sku).map(toStock),
      );
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
