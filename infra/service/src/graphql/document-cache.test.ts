import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { keptDocuments, runningSubscriptions, type KeptDocument } from "./document-cache.ts";

const schema = buildSchema(`type Query { a(n: Int): Int } type Subscription { a: Int }`);
const text = (n: number) => `{ a${n}: a(n: ${n}) ${"a ".repeat(200)} }`;

function found(kept: ReturnType<ReturnType<typeof keptDocuments>["find"]>): KeptDocument {
  if (!("document" in kept)) throw new Error(kept[0]?.message);
  return kept;
}

test("a document that came twice, and one of a known operation, stay while others stream by", () => {
  const documents = keptDocuments(schema);
  const known = found(documents.find("{ known: a }", true));
  found(documents.find("{ mine: a }"));
  const mine = found(documents.find("{ mine: a }"));
  for (let n = 0; n < 2_100; n++) found(documents.find(text(n)));
  expect(documents.find("{ mine: a }")).toBe(mine);
  for (let n = 0; n < 600; n++) for (const _ of [1, 2]) found(documents.find(text(n)));
  expect(documents.find("{ known: a }")).toBe(known);
  expect(documents.find(text(599))).toBe(documents.find(text(599)));
});

test("subscriptions of one text share a document until the last is over, whatever else comes", () => {
  const documents = keptDocuments(schema);
  const uses = [1, 2, 3].map(() => documents.use("subscription { a }"));
  const values = uses.map((use) => ("value" in use ? use.value : undefined));
  expect(values[0]).toBeDefined();
  expect(new Set(values).size).toBe(1);
  expect(runningSubscriptions()).toBe(3);
  for (const use of uses) {
    if (!("value" in use)) continue;
    use[Symbol.dispose]();
    use[Symbol.dispose]();
  }
  expect(runningSubscriptions()).toBe(0);
});

test("what is wrong is said each time, and not kept", () => {
  const documents = keptDocuments(schema);
  for (const _ of [1, 2, 3]) {
    expect(documents.find("{ nothing }")).toMatchObject([
      { message: expect.stringContaining("nothing") as string },
    ]);
    expect(documents.use("subscription {")).toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ]);
  }
  expect(runningSubscriptions()).toBe(0);
});
