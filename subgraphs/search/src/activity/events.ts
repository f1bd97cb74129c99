import type { ShopEvent } from "@shop/events";
import { done, type EventHandlers } from "@shop/service";
import { purchaseActivity, searchActivity, viewActivity } from "./activity.ts";
import type { ActivityStore } from "./activity-store.ts";

/** Searches, views and purchases are recorded once in effect, with the inbox row of their event. */
export function handlers({ record }: Pick<ActivityStore, "record">): EventHandlers {
  return {
    async ProductsSearched(tx, { data }: ShopEvent<"ProductsSearched">) {
      await record(tx, searchActivity(data));
      return done();
    },
    async ProductsViewed(tx, { data }: ShopEvent<"ProductsViewed">) {
      await record(tx, viewActivity(data));
      return done();
    },
    async OrderConfirmed(tx, event: ShopEvent<"OrderConfirmed">) {
      await record(tx, purchaseActivity(event));
      return done();
    },
  };
}
