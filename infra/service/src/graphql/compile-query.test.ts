import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { readOperations } from "@shop/values/operations";
import {
  buildSchema,
  execute,
  getOperationAST,
  GraphQLError,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import { expect, test } from "vitest";
import { compileQuery } from "./compile-query.ts";

const file = (path: string) => new URL(`../../../../schema/${path}`, import.meta.url);
const api = readFileSync(file("supergraph/api.graphql"), "utf8");
const queries = readOperations()
  .map(({ name, text }) => [name, text] as const)
  .filter(([, text]) => /^(query|subscription)/m.test(text));
const merged = `query ($first: Int = 3) {
  one: product(slug: "a") { ...Card title }
  product(slug: "b") { ...Card ... on Product { priceRange { min { amount } } brand kind: __typename } }
  search(first: $first) { nodes { ... on Product { slug } id } facets { name values { count } } }
  __typename
}
fragment Card on Product { id title priceRange { max { currency amount } } variants { sku ...Kind } }
fragment Kind on ProductVariant { __typename id title }`;

test.each([...queries, ["fragments that ask for the same", merged] as const])(
  "%s is answered as graphql-js answers it, whatever resolvers do",
  async (_, text) => {
    const document = parse(text);
    const schema = buildSchema(api);
    for (let seed = 1; seed <= 60; seed++) {
      // graphql-js leaves rejections unheard where some of what fails comes at once and some later.
      const trouble = seed % 3 === 0 ? 0 : 0.03;
      const later = [0.3, 0, 1][seed % 3] ?? 0;
      decideFor(schema, { chanceOf: chances(seed), trouble, later });
      const expected = await execute({ schema, document, variableValues: variablesOf(document) });
      const answered = await run(schema, document, variablesOf(document));
      expect(plain(answered), `seed ${seed}`).toEqual(plain(expected));
    }
  },
);

test("of _entities each keeps its place, and what fails is null and said", async () => {
  const typeDefs = parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Cup @key(fields: "id") { id: ID! name: String }
    type Pot @key(fields: "id") { id: ID! litres: Float! }
    type Query { cups: [Cup!] }`);
  const later = (ms: number, value: unknown) =>
    new Promise((resolve) => setTimeout(() => resolve(value), ms));
  const resolvers = {
    Cup: {
      __resolveReference: ({ id }: { id: string }) =>
        id === "broken"
          ? Promise.reject(new Error("broken"))
          : later(id === "slow" ? 10 : 0, { id, name: id }),
    },
    Pot: { __resolveReference: ({ id }: { id: string }) => (id === "none" ? null : { id, litres: id }) },
  };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
  const document = parse(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename ...on Cup { name } ...on Pot { litres } } }`,
  );
  const of = (...names: [string, string][]) => names.map(([__typename, id]) => ({ __typename, id }));
  const good = of(
    ["Cup", "slow"],
    ["Cup", "broken"],
    ["Pot", "none"],
    ["Pot", "2.5"],
    ["Pot", "big"],
    ["Cup", "last"],
  );
  for (const representations of [good, of(["Lid", "x"]), [null], undefined]) {
    const variableValues = { representations };
    const expected = await execute({ schema, document, variableValues });
    expect(plain(await run(schema, document, variableValues))).toEqual(plain(expected));
  }
});

test("what fails at once waits for what comes later, and nothing of that goes unheard", async () => {
  const schema = buildSchema("type Query { numbers: [Int!] all: Int! one: Int }");
  const fields = schema.getQueryType()?.getFields() ?? {};
  let isLate = false;
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    isLate = true;
    throw new Error("late");
  };
  for (const [name, field] of Object.entries(fields))
    field.resolve = () => {
      if (name === "numbers") return [late(), new Error("at once"), late()];
      if (name === "one") return late();
      throw new Error("at once");
    };
  const list = parse("{ numbers }");
  const failedList = { errors: [{ message: "at once", path: ["numbers", 1] }], data: { numbers: null } };
  expect(plain(await run(schema, list, {}))).toMatchObject(failedList);
  expect(isLate).toBe(true);
  const whole = parse("{ one all }");
  expect(plain(await run(schema, whole, {}))).toEqual(plain(await execute({ schema, document: whole })));
});

test("a subscription answers each event from its own", async () => {
  const schema = buildSchema(
    "type Query { a: Int } type Subscription { tick(by: Int = 1): Tick! } type Tick { at: Int! }",
  );
  const document = parse("subscription ($by: Int) { beat: tick(by: $by) { at } }");
  const tick = schema.getSubscriptionType()?.getFields()["tick"];
  const answerTo = compileQuery(schema, document, operationOf(document));
  for (const event of [{ tick: { at: 1 } }, { tick: { at: 2 } }, { tick: null }, {}]) {
    const expected = await execute({ schema, document, rootValue: event });
    expect(plain(await answerTo?.({}, {}, event))).toEqual(plain(expected));
  }
  if (tick) tick.resolve = ({ at }: { at: number }, { by }: { by: number }) => ({ at: at + by });
  const withResolver = compileQuery(schema, document, operationOf(document));
  expect(plain(await withResolver?.({}, { by: 5 }, { at: 1 }))).toEqual({ data: { beat: { at: 6 } } });
});

test.each([
  ["a mutation", `mutation { logOut { ok } }`],
  ["introspection", `{ __schema { types { name } } }`],
  [
    "what is asked under a condition",
    `query ($no: Boolean!) { product(slug: "a") { id title @skip(if: $no) } }`,
  ],
  ["a name that every object has", `{ product(slug: "a") { __proto__: id toString: title } }`],
])("%s is left to graphql-js", (_, text) => {
  const document = parse(text);
  expect(compileQuery(buildSchema(api), document, operationOf(document))).toBeUndefined();
});

test("fragments that spread each other many times cost no more than what is there", () => {
  const levels = Array.from(
    { length: 60 },
    (_, n) => `fragment F${n} on Category { a: parent { ...F${n + 1} } b: parent { ...F${n + 1} } }`,
  );
  const document = parse(
    `{ category(slug: "a") { ...F0 } } ${levels.join(" ")} fragment F60 on Category { id }`,
  );
  const schema = buildSchema(api);
  const query = schema.getQueryType()?.getFields()["category"];
  if (query) query.resolve = () => ({ parent: { parent: null } });
  expect(plain(compileQuery(schema, document, operationOf(document))?.({}, {}))).toEqual({
    data: { category: { a: { a: null, b: null }, b: { a: null, b: null } } },
  });
});

type Answer = ExecutionResult | Promise<ExecutionResult>;

function run(schema: GraphQLSchema, document: DocumentNode, variables: Record<string, unknown>): Answer {
  const query = compileQuery(schema, document, operationOf(document));
  if (!query) throw new Error("not compiled");
  return query({}, variables);
}

function operationOf(document: DocumentNode) {
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  return operation;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** A value for each variable that needs one. */
function variablesOf(document: DocumentNode): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  visit(document, {
    VariableDefinition({ variable, type }) {
      if (type.kind === Kind.NON_NULL_TYPE) variables[variable.name.value] = "7";
    },
  });
  return variables;
}

type MadeUp = { chanceOf: (place: string) => number; trouble: number; later: number };

/** Gives fields resolvers, or none, that answer what their place in the answer decides: good, bad, now or later. */
function decideFor(schema: GraphQLSchema, how: MadeUp): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      delete field.resolve;
      const isRoot = type === schema.getQueryType() || type === schema.getSubscriptionType();
      const isOwn = isRoot || how.chanceOf(`${type.name}.${field.name}`) < 0.4;
      if (!isOwn) continue;
      field.resolve = (_, __, ___, { path }) => {
        const keys: (string | number)[] = [];
        for (let at: typeof path | undefined = path; at; at = at.prev) keys.unshift(at.key);
        return given(schema, field.type, keys.join("."), how);
      };
    }
  }
}

function given(schema: GraphQLSchema, type: GraphQLOutputType, place: string, how: MadeUp): unknown {
  const chance = how.chanceOf(`${place} how`);
  if (chance < how.trouble) {
    const error =
      chance < how.trouble / 2
        ? new Error(`at ${place}`)
        : new GraphQLError("no", { extensions: { code: "NO" } });
    if (chance < how.trouble / 4) return how.later === 1 ? Promise.resolve(error) : error;
    if (how.later === 1) return Promise.reject(error);
    throw error;
  }
  const value = valueOf(schema, type, place, how);
  return chance > 1 - how.later ? Promise.resolve(value) : value;
}

function valueOf(schema: GraphQLSchema, type: GraphQLOutputType, place: string, how: MadeUp): unknown {
  const chance = how.chanceOf(place);
  if (chance < how.trouble) return chance < how.trouble / 2 ? null : undefined;
  if (isNonNullType(type)) return valueOf(schema, type.ofType, place, how);
  if (isListType(type)) {
    if (chance > 1 - how.trouble / 4) return "no list";
    const length = Math.floor(chance * 4);
    return Array.from({ length }, (_, n) => itemOf(schema, type.ofType, `${place}.${n}`, how));
  }
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (!isObjectType(type) && !isAbstractType(type)) {
    if (chance > 1 - how.trouble / 4) return { wrong: true };
    return { Int: 7, Float: 1.5, Boolean: false }[type.name] ?? "text";
  }
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  const objectType = possible[Math.floor(chance * possible.length)];
  const object = { __typename: chance > 1 - how.trouble / 4 ? "Nothing" : objectType?.name };
  for (const field of Object.values(objectType?.getFields() ?? {})) {
    const get = () => given(schema, field.type, `${place}.${field.name}`, how);
    const isMethod = how.chanceOf(`${place}.${field.name} method`) < 0.1;
    Object.defineProperty(object, field.name, { get: isMethod ? () => get : get });
  }
  return object;
}

/** Of a list: nothing is thrown while it is made. */
function itemOf(schema: GraphQLSchema, type: GraphQLOutputType, place: string, how: MadeUp): unknown {
  try {
    return given(schema, type, place, how);
  } catch (error) {
    return error;
  }
}

/** A number from 0 to 1 for each place, that a seed decides. */
function chances(seed: number): (place: string) => number {
  return (place) => createHash("md5").update(`${seed} ${place}`).digest().readUInt32BE(0) / 2 ** 32;
}
