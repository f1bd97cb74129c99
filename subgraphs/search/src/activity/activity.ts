import type { EventData, ShopEvent } from "@shop/events";
import { askerOf } from "./popular-queries.ts";

/** What shoppers did, by one event. */
export type Activity = {
  /** Queries that found something, each with its asker: see `askerOf`. */
  queries: readonly [query: string, asker: string][];
  interactions: readonly Interaction[];
};

/** A view or a purchase of a product. */
export type Interaction = {
  productId: string;
  customerId: string | null;
  /** The search that led to the product. */
  query: string | null;
  /** Units bought; 0 for a view. */
  bought: number;
  /** In milliseconds; popularity decays with time. */
  atMs: number;
};

/** A search counts if it found something as it was typed: a misspelled query, or one without results, is no suggestion for others. */
export function searchActivity({ searches }: EventData<"ProductsSearched">): Activity {
  const counted = searches.filter(
    ({ query, totalCount, didYouMean }) => query !== "" && totalCount > 0 && didYouMean === null,
  );
  return {
    queries: counted.map(({ query, customerId, at }) => [query, askerOf(customerId, at)]),
    interactions: [],
  };
}

/** Views of guests don't count: a guest could view a product without end and make it popular. */
export function viewActivity({ views }: EventData<"ProductsViewed">): Activity {
  const interactions = views
    .filter(({ customerId }) => customerId !== null)
    .map(({ at, ...view }) => ({ ...view, bought: 0, atMs: Date.parse(at) }));
  return { queries: [], interactions };
}

/** The purchases of an order. */
export function purchaseActivity({ data, occurredAt }: ShopEvent<"OrderConfirmed">): Activity {
  const atMs = Date.parse(occurredAt);
  const interactions = data.lines.map(({ productId, quantity }) => {
    return { productId, customerId: data.customerId, query: null, bought: quantity, atMs };
  });
  return { queries: [], interactions };
}
