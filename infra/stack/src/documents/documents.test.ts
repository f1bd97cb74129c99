import { expect, test } from "vitest";
import { deadReferences, linksIn, pages, pathsIn } from "./dead-references.ts";

test.each(pages)("every relative link and every path of %s is there", (page) => {
  expect(deadReferences(page)).toEqual([]);
});

test("links to other sites, operations and settings are no paths", () => {
  const content =
    "[a](b.md#c) [d](https://example.com/e.md) [f](#g) `src/h.ts` `i.graphql` `/metrics` `j.k` `a/b`";
  expect(linksIn(content)).toEqual(["b.md"]);
  expect(pathsIn(content)).toEqual(["src/h.ts", "i.graphql"]);
});
