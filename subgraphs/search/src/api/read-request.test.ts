import { expect, test } from "vitest";
import { readRequest } from "./read-request.ts";

test("what is typed and chosen is taken in its normal form, as catalog keeps it", () => {
  const { query, filters } = readRequest(
    {
      query: " cafe\u0301\u200b  noir ",
      filters: {
        brand: ["Cafe\u0301 ", "Sho\u200bes"],
        attributes: [{ name: " Colour\u00a0name", values: ["Bleu\u00adte\u0301"] }],
      },
    },
    "USD",
  );
  expect(query).toBe("café noir");
  expect(filters).toEqual({
    currency: "USD",
    brands: ["Café", "Shoes"],
    attributes: [{ name: "Colour name", values: ["Bleuté"] }],
  });
});

test("a search in another currency than the shop's leaves out what has no price in it", () => {
  expect(readRequest({ filters: { currency: "EUR" } }, "USD").filters).toEqual({
    currency: "EUR",
    isPriced: true,
  });
  expect(readRequest({ filters: { currency: "USD" } }, "USD").filters).toEqual({ currency: "USD" });
});
