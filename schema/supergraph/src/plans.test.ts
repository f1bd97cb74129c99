import { readdir, readFile } from "node:fs/promises";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { beforeAll, expect, test } from "vitest";
import { operationsFolder, supergraphFile } from "./index.ts";
import { planSize } from "./plan-size.ts";

let planner: QueryPlanner;
beforeAll(async () => {
  planner = new QueryPlanner(Supergraph.build(await readFile(supergraphFile, "utf8")));
});

async function planOf(operation: string) {
  const document = parse(await readFile(new URL(`${operation}.graphql`, operationsFolder), "utf8"));
  return planner.buildQueryPlan(operationFromDocument(planner.supergraph.apiSchema(), document));
}

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
  "order-pay": [2, 2],
  "shipment-advance": [2, 2],
  "staff-orders": [3, 2],
  "staff-stock": [2, 2],
  "stock-adjust": [1, 1],
};

test.each(Object.entries(flat))(
  "the plan of %s stays as flat as it is",
  async (operation, [fetches, depth]) => {
    expect(planSize(await planOf(operation))).toEqual({ fetches, depth });
  },
);

test("every other operation is answered by one subgraph at once", async () => {
  const wide: string[] = [];
  for (const file of await readdir(operationsFolder)) {
    if (!file.endsWith(".graphql")) continue;
    const operation = file.replace(/\.graphql$/, "");
    if (!(operation in flat) && planSize(await planOf(operation)).fetches > 1) wide.push(operation);
  }
  expect(wide).toEqual([]);
});

test("a subscription's first fetch opens it, the rest runs for each event", async () => {
  const { node } = await planOf("order-updated");
  if (node?.kind !== "Subscription" || !node.rest)
    throw new Error(`expected a subscription, got ${node?.kind}`);
  expect(node.primary.serviceName).toBe("order");
  expect(planSize({ kind: "QueryPlan", node: node.rest })).toEqual({ fetches: 3, depth: 1 });
});
