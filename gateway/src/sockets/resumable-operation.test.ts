import { buildSchema, print, parse } from "graphql";
import { expect, test } from "vitest";
import { resumableOperation } from "./resumable-operation.ts";

const schema = buildSchema(`
  type Query { a: Int }
  type Update { cursor: String! text: String }
  type Subscription {
    orderUpdated(orderId: ID!, after: String): Update!
    mine(after: ID): Update!
    stock(skus: [String!]!): Update!
    ticks: Int
  }
`);
const tidy = (text: string) => print(parse(text));

test("a field with a cursor is asked for it, and asked again from there", () => {
  const operation = resumableOperation(
    "subscription S($id: ID!, $a: String) { news: orderUpdated(orderId: $id, after: $a) { text } }",
    schema,
  );
  expect(operation.cursorAt).toEqual({ field: "news", name: "resumeCursor" });
  expect(operation.first).toBe(
    tidy(
      "subscription S($id: ID!, $a: String) { news: orderUpdated(orderId: $id, after: $a) { text resumeCursor: cursor } }",
    ),
  );
  expect(operation.resumed).toBe(
    tidy(
      "subscription S($id: ID!, $resumeAfter: String) { news: orderUpdated(orderId: $id, after: $resumeAfter) { text resumeCursor: cursor } }",
    ),
  );
});

test("a variable that is used elsewhere too stays declared, and the cursor has the argument's own type", () => {
  const operation = resumableOperation(
    "subscription ($a: ID, $b: Boolean!) { mine(after: $a) { text @skip(if: $b) } }",
    schema,
  );
  expect(operation.resumed).toContain("($b: Boolean!, $resumeAfter: ID)");
});

test("asking again without a cursor is right where nothing can have been missed", () => {
  const mine = resumableOperation("subscription ($a: ID) { mine(after: $a) { text } }", schema);
  expect([mine.isRepeatable({}), mine.isRepeatable({ a: null }), mine.isRepeatable({ a: "7" })]).toEqual([
    false,
    false,
    true,
  ]);
  expect(
    resumableOperation(`subscription { orderUpdated(orderId: "1") { text } }`, schema).isRepeatable({}),
  ).toBe(true);
  expect(resumableOperation(`subscription { stock(skus: ["1"]) { text } }`, schema).isRepeatable({})).toBe(
    true,
  );
  expect(resumableOperation("subscription { ticks }", schema).isRepeatable({})).toBe(false);
});
