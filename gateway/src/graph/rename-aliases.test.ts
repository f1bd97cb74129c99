import { readFileSync } from "node:fs";
import { buildSchema, execute, getOperationAST, GraphQLError, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { madeUpField, madeUpSubgraphs, madeUpType, root } from "../../test/random/graph.ts";
import { madeUpOperation, madeUpVariables } from "../../test/random/operations.ts";
import { guest } from "../identity/caller.ts";
import { clientPath, refuseAliasLikeFields } from "./rename-aliases.ts";
import { LoadedSupergraph } from "./supergraph.ts";

const file = new URL("../../../schema/supergraph/supergraph.graphql", import.meta.url);
const supergraph = new LoadedSupergraph(readFileSync(file, "utf8"));
const services = madeUpSubgraphs(supergraph.serviceNames);

const context = { caller: guest, ip: "", requestId: "1", signal: new AbortController().signal };

/** Executes the operation over the subgraphs, and by graphql-js over one schema that has everything. */
async function bothWays(text: string, variables: Record<string, unknown> = madeUpVariables) {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  const schema = supergraph.apiSchema;
  const federated = await supergraph.execute(
    supergraph.plan({ queryHash: text, document, operation }),
    services,
    variables,
    context,
  );
  const whole = await execute({
    schema,
    document,
    rootValue: root,
    fieldResolver: madeUpField,
    typeResolver: madeUpType,
    variableValues: variables,
  });
  return {
    federated: JSON.parse(JSON.stringify(federated)) as unknown,
    whole: JSON.parse(JSON.stringify(whole)) as unknown,
  };
}

test("whatever aliases are called, the answer is that of one schema which has everything", async () => {
  let valid = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const text = madeUpOperation(supergraph.apiSchema, seed);
    if (validate(supergraph.apiSchema, parse(text)).length > 0) continue;
    valid++;
    const { federated, whole } = await bothWays(text);
    expect(federated, `seed ${seed}: ${text}`).toEqual(whole);
  }
  expect(valid).toBeGreaterThan(30);
});

const address = `{ name: "a", line1: "b", city: "c", postalCode: "d", country: "DE" }`;

test.each([
  `mutation ($t: Boolean!) { logIn(input: { email: "a", password: "b" }) {
     session { user { id: name ... @include(if: $t) { cart { id lines { title } } } } } } }`,
  `mutation ($t: Boolean!) { logIn(input: { email: "a", password: "b" }) {
     session { user { id: name @include(if: $t) cart { id } } } } }`,
  `query ($t: Boolean!) { me { id: name @include(if: $t) cart { id } orders { nodes { id: number payment { id } } } } }`,
  `{ variant(sku: "x") { id: sku title availability { quantity } } }`,
  `{ variant(sku: "x") { sku: title id: title title: id availability { quantity: status } } }`,
  `{ cart(id: "x") { weightGrams: itemCount shippingOptions(address: ${address}) { price { amount } } } }`,
  `{ cart(id: "x") { subtotal: tax { amount: currency currency: amount } shippingOptions(address: ${address}) { id } } }`,
  `{ cart(id: "x") { problems { __typename: __typename kind: __typename ... on PriceChanged { __typename was { __typename: amount } } } } }`,
  `query ($t: Boolean!, $representations: ID!) { cart(id: "x") { id @skip(if: $t) shippingOptions(addressId: $representations) { id } } }`,
  `{ id: __typename variant(sku: "x") { __typename: title availability { __typename: quantity } } }`,
  `{ variant(id: "x") { id: title availability { id: status } } kind: __type(name: "Product") { id: name sku: kind } }`,
])("%s is answered as one schema would", async (text) => {
  for (const t of [true, false]) {
    const { federated, whole } = await bothWays(text, { ...madeUpVariables, t });
    expect(federated).toEqual(whole);
    expect(whole).not.toHaveProperty("errors");
  }
});

test("an error's path has the names of the client", async () => {
  const text = `{ alias_0: variant(sku: "x") { id: sku sku: availability { quantity } } }`;
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  const refuse = () => Promise.reject(new GraphQLError("away", { path: ["alias_0", "alias_2"] }));
  const answer = await supergraph.execute(
    supergraph.plan({ queryHash: text, document, operation }),
    { ...services, inventory: { process: refuse } },
    {},
    context,
  );
  expect(answer.errors?.map(({ path }) => path)).toEqual([["alias_0", "sku"]]);
});

test("the query planner's own aliases are not told to the client", () => {
  const aliases = new Map([["alias_0", "mine__alias_7"]]);
  expect(clientPath(["alias_0__alias_1", 0, "title__alias_0", "id"], aliases)).toEqual([
    "mine__alias_7",
    0,
    "title",
    "id",
  ]);
});

test("a supergraph whose fields could be taken for aliases is refused", () => {
  const schema = buildSchema("type Query { product: Product } type Product { alias_9: ID }");
  expect(() => refuseAliasLikeFields(schema)).toThrow("Product.alias_9");
});
