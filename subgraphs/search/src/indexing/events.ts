import type { EventData, ShopEvent } from "@shop/events";
import type { Interaction, Activity, SearchEngine } from "../engine/engine.ts";
import { asEngineError } from "../engine/errors.ts";
import { toDocument, toStock } from "./to-document.ts";
import { askerOf } from "../query/suggestions.ts";

const types = [
  "ProductPublished",
  "ProductChanged",
  "ProductArchived",
  "PriceChanged",
  "StockChanged",
  "OrderConfirmed",
  "ProductsSearched",
  "ProductsViewed",
] as const;

type SubscribedEvent = ShopEvent<(typeof types)[number]>;

/**
 * The projection of the index. Events carry whole products and whole stocks, so a batch writes the newest of each only.
 * Searches, views and purchases are recorded as activity.
 */
export function projection(engine: Pick<SearchEngine, "write" | "recordActivity" | "markIncomplete">) {
  return {
    types,
    missed: () => asEngineError(engine.markIncomplete()),
    async batch(_: unknown, events: readonly SubscribedEvent[]): Promise<void> {
      const products = events.flatMap(({ data }) => ("product" in data ? [data.product] : []));
      const stock = events.flatMap((event) => (event.type === "StockChanged" ? [event.data] : []));
      await asEngineError(
        engine.write(
          newest(products, ({ productId }) => productId).map(toDocument),
          newest(stock, ({ sku }) => sku).map(toStock),
        ),
      );
      const activity = activityIn(events);
      if (activity.queries.length + activity.interactions.length > 0)
        await asEngineError(engine.recordActivity(activity));
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

function activityIn(events: readonly SubscribedEvent[]): Activity {
  const queries: Activity["queries"] = [];
  const interactions: Interaction[] = [];
  for (const event of events) {
    if (event.type === "OrderConfirmed")
      interactions.push(...bought(event.data, Date.parse(event.occurredAt)));
    if (event.type === "ProductsViewed") {
      // Views of guests don't count: a guest could view a product without end and make it popular.
      const views = event.data.views.filter(({ customerId }) => customerId !== null);
      interactions.push(...views.map(({ at, ...view }) => ({ ...view, bought: 0, atMs: Date.parse(at) })));
    }
    if (event.type !== "ProductsSearched") continue;
    for (const { query, totalCount, didYouMean, customerId, at } of event.data.searches) {
      // A misspelled query, or one without results, is no suggestion for others.
      if (query === "" || totalCount === 0 || didYouMean !== null) continue;
      queries.push([query, askerOf(customerId, at)]);
    }
  }
  return { queries, interactions };
}

function bought({ customerId, lines }: EventData<"OrderConfirmed">, atMs: number): Interaction[] {
  return lines.map(({ productId, quantity }) => ({
    productId,
    customerId,
    query: null,
    bought: quantity,
    atMs,
  }));
}
