import { readFile } from "node:fs/promises";
import { readOperation } from "@shop/values/operations";
import { buildSchema, getIntrospectionQuery, Kind, parse, type GraphQLSchema } from "graphql";
import { expect, test } from "vitest";
import { fragmentsOf } from "../graph/fragments-of.ts";
import { fieldWeights, type FieldWeights } from "./field-weights.ts";
import { measureOperation } from "./operation-cost.ts";

const schema = buildSchema(`
  type Query { category: Category products(ids: [ID!]!): [Product] }
  type Category { name: String children: [Category!]! products(first: Int = 20): Products! }
  type Products { nodes: [Product]! totalCount: Int! }
  type Product { id: ID! category: Category }
  type Mutation { write(input: Input, more: [Int!]): Boolean }
  input Input { lines: [Line!] }
  input Line { sku: String tags: [String!] }
`);

const cost = (text: string, variables: Record<string, unknown> = {}): number =>
  measure(text, undefined, variables).objects;

function measure(
  text: string,
  weights: FieldWeights = new Map(),
  variables: Record<string, unknown> = {},
  of: GraphQLSchema = schema,
) {
  const document = parse(text);
  const fragments = fragmentsOf(document);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("Write the operation first");
  return measureOperation({ schema: of, operation, fragments, variables, weights });
}

const page = (first: string) => `category { products${first} { nodes { id } } }`;

test("a page counts by what was asked for: a number, a variable, or the schema's default", () => {
  expect(cost(`{ ${page("(first: 3)")} }`)).toBe(1 + 3 * 2);
  expect(cost(`query ($n: Int) { ${page("(first: $n)")} }`, { n: 50 })).toBe(1 + 50 * 2);
  expect(cost(`{ ${page("")} }`)).toBe(1 + 20 * 2);
});

test("a list of what is asked for by keys counts by their number", () => {
  const ids = Array.from({ length: 100 }, (_, at) => `prd_${at}`);
  const query = `query ($ids: [ID!]!) { products(ids: $ids) { category { name } } }`;
  expect(cost(query, { ids })).toBe(100 * 2);
  expect(measure(query, undefined, { ids }).points).toBe(100 * 2);
  expect(cost(`{ products(ids: ["a", "b"]) { category { name } } }`)).toBe(2 * 2);
  expect(cost(`{ products(ids: "a") { id } }`)).toBe(1);
});

test("a variable that is left out counts by its default", () => {
  expect(cost(`query ($n: Int = 50) { ${page("(first: $n)")} }`)).toBe(1 + 50 * 2);
});

test("a weight is charged once for a connection, and for each entry of its page", () => {
  const weights = new Map([
    ["Category.products", 100],
    ["Products.totalCount", 7],
    ["Product.category", 3],
  ]);
  const query = `{ category { products(first: 10) { totalCount nodes { category { name } } } } }`;
  expect(measure(query, weights).points).toBe(1 + 100 + 1 + 7 + 10 * (1 + 3 + 1));
});

test("asking for the schema costs by what is asked of it, and is never too much at once", () => {
  const usual = measure(getIntrospectionQuery());
  expect(usual.points).toBeGreaterThan(1_000);
  expect(usual.points).toBeLessThan(5_000);
  const wide = "args { type { name enumValues { name } } } type { fields { args { type { name } } } }";
  const widest = measure(
    `{ a: __schema { types { fields { ${wide} } } } b: __type(name: "Query") { name } }`,
  );
  expect(widest.points).toBeGreaterThan(2_000);
  expect([usual.objects, widest.objects]).toEqual([0, 0]);
});

test("a mutation costs a point for each entry of the lists that it is given, literal or in variables", () => {
  const write = "mutation ($it: Input, $more: [Int!] = [1, 2]) {";
  const costOf = (text: string, variables = {}) => measure(text, new Map(), variables).points;
  const lines = Array.from({ length: 100 }, (_, n) => ({ sku: `${n}`, tags: ["a", "b"] }));
  expect(costOf(`${write} write }`)).toBe(10);
  expect(costOf(`${write} write(input: $it) }`, { it: { lines } })).toBe(10 + 100 + 200);
  expect(costOf(`${write} write(more: $more) }`)).toBe(10 + 2);
  expect(costOf(`mutation { write(input: { lines: [{ sku: "a" }, { sku: "b", tags: ["c"] }] }) }`)).toBe(13);
  expect(costOf(`mutation ($sku: String!) { write(input: { lines: [{ sku: $sku }] }) }`, { sku: "a" })).toBe(
    11,
  );
  const ten = Array.from({ length: 10 }, (_, n) => `a${n}: write(input: $it)`).join(" ");
  expect(costOf(`${write} ...All } fragment All on Mutation { ${ten} }`, { it: { lines } })).toBe(10 * 310);
});

test("ten carts of a hundred lines cost more than 1,000 points, an ordinary cart of three less than 60", async () => {
  const file = (name: string) => readFile(new URL(`../../../schema/${name}`, import.meta.url), "utf8");
  const [sdl, supergraph] = await Promise.all([
    file("supergraph/api.graphql"),
    file("supergraph/supergraph.graphql"),
  ]);
  const [shop, weights] = [buildSchema(sdl), fieldWeights(supergraph)];
  const lines = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ sku: `SKU-${n}`, quantity: 1 }));
  const points = (text: string, variables: Record<string, unknown>) =>
    measure(text, weights, variables, shop).points;
  const aliases = Array.from({ length: 10 }, (_, n) => `a${n}: cartCreate(input: $input) { cart { id } }`);
  const ten = `mutation ($input: CartCreateInput) { ${aliases.join(" ")} }`;
  expect(points(ten, { input: { lines: lines(100) } })).toBeGreaterThan(1_000);
  const create = readOperation("cart-create");
  expect(points(create, { input: { lines: lines(3) } })).toBeLessThan(60);
  const add = readOperation("cart-lines-add");
  expect(points(add, { cartId: "cart_1", lines: lines(3) })).toBeLessThan(60);
  expect(points(add, { cartId: "cart_1", lines: lines(100) })).toBeGreaterThan(120);
});

test("pages in pages multiply, and lists without a length count as five", () => {
  expect(
    cost(
      "{ category { products(first: 10) { nodes { category { products(first: 10) { nodes { id } } } } } } }",
    ),
  ).toBe(1 + 10 * (1 + 1 + 1 + 10 * 2));
  expect(cost("{ category { children { name } } }")).toBe(1 + 5);
});

test("a fragment counts each time it is spread, and fragments that double each other are counted quickly", () => {
  const once = cost("{ category { ...A } } fragment A on Category { children { name } }");
  expect(once).toBe(1 + 5);
  const doubling = Array.from(
    { length: 60 },
    (_, index) => `fragment F${index} on Category { ...F${index + 1} ...F${index + 1} }`,
  );
  const bomb = `{ category { ...F0 } } ${doubling.join(" ")} fragment F60 on Category { children { name } }`;
  expect(cost(bomb)).toBeGreaterThan(2 ** 60);
});
