import { expect, test } from "vitest";
import { readOperation, readOperations, withFragments } from "./operations.ts";

const fragments = new Map([
  ["Name", "fragment Name on User { name }"],
  ["Person", "fragment Person on User { ...Name id }"],
]);

test("a document gets each fragment that it spreads once, and those that they spread", () => {
  expect(withFragments("{ me { ...Person ...Name ... on User { id } } }", fragments)).toBe(
    "{ me { ...Person ...Name ... on User { id } } }\nfragment Person on User { ...Name id }\nfragment Name on User { name }",
  );
});

test("a fragment that isn't there is named", () => {
  expect(() => withFragments("{ me { ...Lost } }", fragments)).toThrow("no fragment Lost");
});

test("operations are read with their fragments, under the names of their files", () => {
  expect(readOperation("cart-create")).toMatch(/^mutation CartCreate[^]+\nfragment CartParts on Cart/);
  expect(readOperations().map(({ name }) => name)).toContain("order-page");
});
