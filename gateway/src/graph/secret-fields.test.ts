import { readFileSync } from "node:fs";
import { buildSchema, isObjectType, parse } from "graphql";
import { expect, test } from "vitest";
import { secretFields, selectsSecret } from "./secret-fields.ts";

const file = new URL("../../../schema/supergraph/api.graphql", import.meta.url);
const schema = buildSchema(readFileSync(file, "utf8"));
const fieldNames = new Set(
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) ? Object.keys(type.getFields()) : [],
  ),
);

test("each field with a credential is in the API, and each field of the API named like one is known", () => {
  expect([...secretFields].filter((name) => !fieldNames.has(name))).toEqual([]);
  expect([...fieldNames].filter((name) => /token|secret/i.test(name) && !secretFields.has(name))).toEqual([]);
});

test.each([
  ['mutation { logIn(input: { email: "", password: "" }) { session { a: accessToken } } }', true],
  ["mutation { checkout(input: {}) { ...T } } fragment T on CheckoutPayload { orderToken }", true],
  ["{ categories { accessToken: name } }", false],
])("%s: %s", (text, expected) => {
  expect(selectsSecret(parse(text))).toBe(expected);
});
