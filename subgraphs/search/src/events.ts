import type { EventData, ShopEvent } from "@shop/events";
import type { Act, Activity, SearchEngine } from "./engine.ts";
import { blamingTheEngine } from "./engine-errors.ts";
import { toDocument, toStock } from "./to-document.ts";
import { askerOf } from "./suggestions.ts";

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

type Heard = ShopEvent<(typeof types)[number]>;

/**
 * What the index hears: whole products and whole stocks, so the newest of each is all that a batch must write; and what
 * shoppers did, which is learned from.
 */
export function projects(engine: Pick<SearchEngine, "write" | "learn" | "markIncomplete">) {
  return {
    types,
    missed: () => blamingTheEngine(engine.markIncomplete()),
    async batch(_: unknown, events: readonly Heard[]): Promise<void> {
      const products = events.flatMap(({ data }) => ("product" in data ? [data.product] : []));
      const stock = events.flatMap((event) => (event.type === "StockChanged" ? [event.data] : []));
      await blamingTheEngine(
        engine.write(
          newest(products, ({ productId }) => productId).map(toDocument),
          newest(stock, ({ sku }) => sku).map(toStock),
        ),
      );
      const activity = activityIn(events);
      if (activity.queries.length + activity.acts.length > 0) await blamingTheEngine(engine.learn(activity));
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

function activityIn(events: readonly Heard[]): Activity {
  const queries: Activity["queries"] = [];
  const acts: Act[] = [];
  for (const event of events) {
    if (event.type === "OrderConfirmed") acts.push(...bought(event.data, Date.parse(event.occurredAt)));
    if (event.type === "ProductsViewed") {
      // Anybody can look without end as a guest, and would make popular what they like.
      const views = event.data.views.filter(({ customerId }) => customerId !== null);
      acts.push(...views.map(({ at, ...view }) => ({ ...view, bought: 0, atMs: Date.parse(at) })));
    }
    if (event.type !== "ProductsSearched") continue;
    for (const { query, totalCount, didYouMean, customerId, at } of event.data.searches) {
      // A slip, or what finds nothing, is not worth offering to others.
      if (query === "" || totalCount === 0 || didYouMean !== null) continue;
      queries.push([query, askerOf(customerId, at)]);
    }
  }
  return { queries, acts };
}

function bought({ customerId, lines }: EventData<"OrderConfirmed">, atMs: number): Act[] {
  return lines.map(({ productId, quantity }) => ({
    productId,
    customerId,
    query: null,
    bought: quantity,
    atMs,
  }));
}
