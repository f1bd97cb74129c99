import { buildSchema, getOperationAST, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { inputMistakes } from "./input-mistakes.ts";

const schema = buildSchema(`
  input Filter { tags: [String!] least: Float note: String! }
  type Query {
    list(first: Int! = 20, least: Float, filter: Filter): [Query!]
    one(id: ID!): Query
    name: String
  }
`);

function mistakeIn(text: string, variables: Record<string, unknown>): unknown {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  try {
    if (operation) inputMistakes(schema, document, operation)(variables);
  } catch (error) {
    return (error as { extensions: unknown }).extensions;
  }
  return undefined;
}

const refused = { code: "BAD_USER_INPUT", http: { status: 400 } };

test.each([
  ["query($i: Boolean = true) { name @include(if: $i) }"],
  ["query($i: Boolean = true) { name @skip(if: $i) }"],
  ["query($i: Boolean = true) { ...@include(if: $i) { name } }"],
  ["query($i: Boolean = true) { ...N } fragment N on Query { list { name @include(if: $i) } }"],
  ["query($i: ID = 3) { one(id: $i) { name } }"],
  ["query($i: Int) { list(first: $i) { name } }"],
  [`query($i: String = "a") { list(filter: { tags: [$i], note: "" }) { name } }`],
  [`query($i: String = "a") { list(filter: { note: $i }) { name } }`],
])("null is refused where no null is taken, and the default is not: %s", (text) => {
  expect(mistakeIn(text, { i: null })).toEqual(refused);
  expect(mistakeIn(text, {})).toBeUndefined();
});

test("null is let through where it is taken", () => {
  expect(mistakeIn("query($i: Float = 1) { list(least: $i) { name } }", { i: null })).toBeUndefined();
});

test.each([
  ["{ list(least: 1e400) { name } }"],
  ["{ list(least: -1e400) { name } }"],
  [`{ list(least: ${"9".repeat(400)}) { name } }`],
  [`{ list(filter: { least: 1e400, note: "" }) { name } }`],
  ["query($i: Float = 1e400) { list(least: $i) { name } }"],
  ["{ ...L } fragment L on Query { list(least: 1e309) { name } }"],
])("a number without end is refused: %s", (text) => {
  expect(mistakeIn(text, {})).toEqual(refused);
});

test("the largest number is taken", () => {
  expect(mistakeIn("{ list(least: 1.7e308) { name } }", {})).toBeUndefined();
});
