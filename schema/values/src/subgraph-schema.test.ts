import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { definitionsOf, withSharedTypes } from "./subgraph-schema.ts";

const shared = definitionsOf(`
"An amount."
type Money {
  "How much: a Note."
  amount: Decimal!
}

"A decimal."
scalar Decimal

"A page."
type Page {
  size: Int
}

"A note."
type Note {
  text: String
}
`);

test("a schema gets the shared types that it names, and those that they name", () => {
  const schema = `type Query {\n  "Not a Page, but its price."\n  price(of: [Int!] = 1): [Money!]\n}\n`;
  expect(withSharedTypes(schema, shared)).toBe(`${schema}
"An amount."
type Money {
  "How much: a Note."
  amount: Decimal!
}

"A decimal."
scalar Decimal
`);
});

test("members of a union and types of arguments are names too", () => {
  const schema = withSharedTypes("union Any = Query | Page\ntype Query { a(b: Decimal): Int }", shared);
  expect(schema).toContain("type Page");
  expect(schema).toContain("scalar Decimal");
});

test("an error code gets its meaning, and one without a meaning is refused", () => {
  expect(withSharedTypes("enum ErrorCode {\n  NOT_FOUND\n}", shared)).toContain(
    `  "There is no such thing, or it isn't the caller's to see."\n  NOT_FOUND\n`,
  );
  expect(() => withSharedTypes("enum ErrorCode {\n  LOST\n}", shared)).toThrow("ErrorCode.LOST");
});

test("a shared type may not be defined once more", () => {
  expect(() => withSharedTypes("type Money { cents: Int }", shared)).toThrow("shared.graphql too: Money");
});

test("each shared type stands under its own name", () => {
  const text = readFileSync(new URL("../shared.graphql", import.meta.url), "utf8");
  expect([...definitionsOf(text).keys()]).toHaveLength(
    text.match(/^(?:scalar|type|enum|input) /gm)?.length ?? 0,
  );
});
