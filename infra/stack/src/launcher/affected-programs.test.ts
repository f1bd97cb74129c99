import { expect, test } from "vitest";
import { subgraphNames } from "../topology.ts";
import { affectedPrograms } from "./affected-programs.ts";

const restarted = (file: string) => affectedPrograms(file).programs;

test("a file of a subgraph, or of the gateway, restarts it alone", () => {
  expect(restarted("subgraphs/cart/src/domain/cart.ts")).toEqual(["cart"]);
  expect(restarted("subgraphs/order/migrations/001-baseline.sql")).toEqual(["order"]);
  expect(restarted("gateway/src/graph/plan.ts")).toEqual(["gateway"]);
  expect(restarted("infra/stripe/src/main.ts")).toEqual(["stripe"]);
});

test("a schema is composed before its subgraph restarts, and the supergraph that comes of it restarts the gateway", () => {
  expect(affectedPrograms("subgraphs/cart/schema.graphql")).toEqual({
    programs: ["cart"],
    shouldCompose: true,
  });
  expect(affectedPrograms("schema/values/shared.graphql")).toEqual({
    programs: subgraphNames,
    shouldCompose: true,
  });
  expect(affectedPrograms("schema/supergraph/supergraph.graphql")).toEqual({
    programs: ["gateway"],
    shouldCompose: false,
  });
});

test("what all are made of restarts all", () => {
  const all = [...subgraphNames, "gateway"];
  expect(restarted("infra/service/src/index.ts")).toEqual(all);
  expect(restarted("schema/values/src/money.ts")).toEqual(all);
  expect(restarted("schema/events/src/order.ts")).toEqual(all);
});

test("tests, types and documents restart nothing", () => {
  for (const file of [
    "subgraphs/cart/src/domain/edit-cart.test.ts",
    "subgraphs/cart/test/fixtures.ts",
    "subgraphs/cart/src/generated/resolvers.ts",
    "subgraphs/cart/README.md",
    "infra/stack/src/topology.ts",
  ]) {
    expect(affectedPrograms(file)).toEqual({ programs: [], shouldCompose: false });
  }
});
