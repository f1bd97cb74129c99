import { parse } from "graphql";
import { expect, test } from "vitest";
import { readOperations } from "@shop/values/operations";
import { explorerTabs } from "./explorer-tabs.ts";

const operations = readOperations();

test("the explorer opens with the way from search to parcel", () => {
  const named = explorerTabs(operations).map(({ query }) => {
    const [definition] = parse(query).definitions;
    return definition && "name" in definition ? definition.name?.value : undefined;
  });
  expect(named).toEqual([
    "SearchPage",
    "ProductPage",
    "CartCreate",
    "CartLinesAdd",
    "CartPage",
    "Checkout",
    "OrderUpdated",
    "OrderPage",
    "LogIn",
    "MePage",
  ]);
});
