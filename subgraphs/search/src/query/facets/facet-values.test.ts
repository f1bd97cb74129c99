import { expect, test } from "vitest";
import { topValues } from "./facet-values.ts";
import { priceRangeStarts, priceValues, priceRangeOf } from "./price-ranges.ts";

test("a selected value stays in its facet, however rare it is", () => {
  const values = ["a", "b", "c", "d"].map((value, at) => ({
    ...{ value, label: value, count: 9 - at },
    selected: value === "d",
  }));
  expect(topValues(values, 2).map(({ value }) => value)).toEqual(["a", "b", "d"]);
});

test.each([
  ["USD", 150_00, "100-199.99", "100-200"],
  ["JPY", 1_500, "1000-1999", "1000-2000"],
  ["KWD", 1_500, "1-1.999", "1-2"],
])(
  "a price in %s falls into a range of that currency, which ends before the next begins",
  (currency, price, value, label) => {
    const counts = new Int32Array(priceRangeStarts.length);
    counts[priceRangeOf(price)] = 1;
    expect(priceValues(counts, { currency })).toEqual([{ value, label, count: 1, selected: false }]);
  },
);
