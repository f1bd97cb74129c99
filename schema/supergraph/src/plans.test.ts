import { readFile } from "node:fs/promises";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { readOperation, readOperations } from "@shop/values/operations";
import { parse } from "graphql";
import { beforeAll, expect, test } from "vitest";
import { supergraphFile } from "./index.ts";
import { planSize } from "./plan-size.ts";

let planner: QueryPlanner;
beforeAll(async () => {
  planner = new QueryPlanner(Supergraph.build(await readFile(supergraphFile, "utf8")));
});

const planOf = (operation: string) =>
  planner.buildQueryPlan(
    operationFromDocument(planner.supergraph.apiSchema(), parse(readOperation(operation))),
  );

// Requests to subgraphs, and how many of them wait for one another: what a page costs before any code runs.
const flat: Record<string, [fetches: number, depth: number]> = {
  "product-page": [2, 2],
  "search-page": [2, 2],
  "search-suggestions": [3, 2],
  "category-page": [1, 1],
  "cart-page": [4, 2],
  checkout: [5, 2],
  "order-page": [4, 2],
  "order-updated": [4, 2],
  "my-orders-updated": [3, 2],
  "me-page": [3, 1],
  "shipping-options": [2, 2],
  "shipping-estimate": [2, 2],
  "order-pay": [2, 2],
  "shipment-advance": [2, 2],
  "staff-orders": [3, 2],
  "staff-stock": [2, 2],
  "stock-adjust": [1, 1],
};

test.each(Object.entries(flat))("the plan of %s stays as flat as it is", (operation, [fetches, depth]) => {
  expect(planSize(planOf(operation))).toEqual({ fetches, depth });
});

test("every other operation is answered by one subgraph at once", () => {
  const wide: string[] = [];
  for (const { name } of readOperations()) {
    if (!(name in flat) && planSize(planOf(name)).fetches > 1) wide.push(name);
  }
  expect(wide).toEqual([]);
});

test("a subscription's first fetch opens it, the rest runs for each event", () => {
  const { node } = planOf("order-updated");
  if (node?.kind !== "Subscription" || !node.rest)
    throw new Error(`expected a subscription, got ${node?.kind}`);
  expect(node.primary.serviceName).toBe("order");
  expect(planSize({ kind: "QueryPlan", node: node.rest })).toEqual({ fetches: 3, depth: 1 });
});
