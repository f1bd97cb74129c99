import { readFile } from "node:fs/promises";
import { readOperations } from "@shop/values/operations";
import { buildSchema, Kind, parse } from "graphql";
import { expect, test } from "vitest";
import { fragmentsOf } from "../graph/fragments-of.ts";
import { costMeter } from "./cost-meter.ts";
import { fieldWeights, type FieldWeights } from "./field-weights.ts";
import { measureOperation } from "./operation-cost.ts";

const schema = buildSchema(`
  type Query { products(first: Int = 20): [Product!]! }
  type Product { id: ID! }
  type Mutation { write(input: Input, more: [Int!]): Product page(first: Int): [Product!]! }
  input Input { lines: [Line!] }
  input Line { sku: String tags: [String!] }
`);

function both(
  text: string,
  variables: Record<string, unknown>,
  of = schema,
  weights: FieldWeights = new Map(),
) {
  const document = parse(text);
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error("There is no operation");
  const input = { schema: of, operation, fragments: fragmentsOf(document), weights };
  const meter = costMeter(input);
  // The first request must not decide for the second.
  meter({});
  return { metered: meter(variables), measured: measureOperation({ ...input, variables }) };
}

const lines = [{ sku: "a", tags: ["x", "y"] }, { sku: "b" }];
const cases: [string, Record<string, unknown>][] = [
  ["mutation ($input: Input) { write(input: $input) { id } }", { input: { lines } }],
  [
    "mutation ($input: Input) { a: write(input: $input) { id } b: write(input: $input) { id } }",
    { input: { lines } },
  ],
  ["mutation ($a: Input, $b: [Int!]) { write(input: $a, more: $b) { id } }", { a: { lines }, b: [1, 2, 3] }],
  ["mutation ($a: Input, $unused: [Int!]) { write(input: $a) { id } }", { a: null, unused: [1, 2, 3] }],
  ["mutation ($lines: [Line!]) { write(input: { lines: $lines }) { id } }", { lines }],
  ["mutation ($more: [Int!] = [1, 2]) { write(more: $more) { id } }", {}],
  ["mutation { write(more: [1, 2, 3]) { id } }", {}],
  ["mutation ($m: [Int!]) { ...W ...W } fragment W on Mutation { write(more: $m) { id } }", { m: [1, 2] }],
  ["mutation ($n: Int) { page(first: $n) { id } }", { n: 50 }],
  ["query ($n: Int) { products(first: $n) { id } }", { n: 50 }],
  ["{ products(first: 3) { id } }", {}],
];

test.each(cases)("what is measured once for a document costs as if measured anew: %s", (text, variables) => {
  const { metered, measured } = both(text, variables);
  expect(metered).toEqual(measured);
});

test("the shop's own operations cost as if measured anew", async () => {
  const sdl = await readFile(new URL("../../../schema/supergraph/api.graphql", import.meta.url), "utf8");
  const joined = await readFile(
    new URL("../../../schema/supergraph/supergraph.graphql", import.meta.url),
    "utf8",
  );
  const [api, weights] = [buildSchema(sdl), fieldWeights(joined)];
  for (const { text } of readOperations()) {
    const given = { input: { lines, items: [{ skus: ["a", "b"] }] }, first: 7 };
    const { metered, measured } = both(text, given, api, weights);
    expect(metered).toEqual(measured);
  }
});
