import { expect, test } from "vitest";
import { searchActivity, viewActivity } from "./activity.ts";

const at = "2026-01-02T03:04:05Z";

test("views of guests don't count, and their searches count once a day", () => {
  const views = [null, "usr_ann"].map((customerId) => ({ productId: "prd_1", query: null, customerId, at }));
  const searches = [null, null, "usr_ann"].map((customerId) => {
    return { query: "lamp", totalCount: 1, didYouMean: null, customerId, at };
  });
  expect(viewActivity({ views }).interactions.map(({ customerId }) => customerId)).toEqual(["usr_ann"]);
  expect(new Set(searchActivity({ searches }).queries.map(([, asker]) => asker))).toEqual(
    new Set(["guest of 2026-01-02", "usr_ann"]),
  );
});

test("a query that found nothing, or was misspelled, is not counted", () => {
  const found = { query: "lamp", totalCount: 1, didYouMean: null, customerId: "usr_ann", at };
  const searches = [
    { ...found, totalCount: 0 },
    { ...found, didYouMean: "lamps" },
    { ...found, query: "" },
  ];
  expect(searchActivity({ searches }).queries).toEqual([]);
});
