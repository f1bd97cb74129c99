import { z } from "zod";

const at = z.iso.datetime();
const customerId = z.string().nullable();

/** The events that search publishes, in batches, so that no search waits for it: a batch that a crash loses is lost. Aggregate: the publishing instance. */
export const searchEvents = {
  /** First pages of searches without filters that were answered, from a cache or not: for suggestions and analytics. */
  ProductsSearched: z.object({
    searches: z.array(
      z.object({
        /** As typed; empty for a category page. */
        query: z.string(),
        totalCount: z.int().nonnegative(),
        /** The better spelling that was offered. */
        didYouMean: z.string().nullable(),
        customerId,
        at,
      }),
    ),
  }),
  /** Product pages that were opened: clicks, when a query led there. */
  ProductsViewed: z.object({
    views: z.array(
      z.object({
        productId: z.string(),
        /** The search that led there; null when none did. */
        query: z.string().nullable(),
        customerId,
        at,
      }),
    ),
  }),
};
