import { event, seal, type ShopEvent } from "@shop/events";
import { expect, test } from "vitest";
import type { Activity } from "../engine/engine.ts";
import { projection } from "./events.ts";

test("guests' looks are not learned from, and their searches count once a day", async () => {
  const learned: Activity[] = [];
  const { batch } = projection({
    write: () => Promise.resolve(),
    markIncomplete: () => Promise.resolve(),
    recordActivity: (activity) => Promise.resolve(void learned.push(activity)),
  });
  const at = "2026-01-02T03:04:05Z";
  const views = [null, "usr_ann"].map((customerId) => ({ productId: "prd_1", query: null, customerId, at }));
  const searches = [null, null, "usr_ann"].map((customerId) => {
    return { query: "lamp", totalCount: 1, didYouMean: null, customerId, at };
  });
  await batch(undefined, [
    seal(
      event("ProductsViewed", { aggregateId: "one", version: 1, data: { views } }),
      new Date(),
    ) as ShopEvent<"ProductsViewed">,
    seal(
      event("ProductsSearched", { aggregateId: "one", version: 2, data: { searches } }),
      new Date(),
    ) as ShopEvent<"ProductsSearched">,
  ]);
  expect(learned[0]?.interactions.map(({ customerId }) => customerId)).toEqual(["usr_ann"]);
  expect(new Set(learned[0]?.queries.map(([, asker]) => asker))).toEqual(
    new Set(["guest of 2026-01-02", "usr_ann"]),
  );
});
