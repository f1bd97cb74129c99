import { expect, test } from "vitest";
import { unregistered } from "./unregistered.ts";

test("a folder that is not registered is listed with the places to register it", () => {
  expect(unregistered(["cart", "demo"], ["cart"])).toEqual([
    expect.stringMatching(
      /^subgraphs\/demo is not registered: add "demo" to .*service-names.ts and .*topology.ts/,
    ),
  ]);
});

test("a name without a folder is listed", () => {
  expect(unregistered(["cart"], ["cart", "demo"])).toEqual([
    expect.stringContaining('names "demo", and there is no folder subgraphs/demo'),
  ]);
});

test("folders and names that are the same are not", () => {
  expect(unregistered(["cart", "order"], ["order", "cart"])).toEqual([]);
});
