import { readFileSync } from "node:fs";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { computeResponse } from "@apollo/gateway/dist/resultShaping.js";
import { readOperations } from "@shop/values/operations";
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { expect, test } from "vitest";
import { responseShape } from "./response-shape.ts";
import { fragmentsOf, type Fragments } from "./fragments-of.ts";

const file = (path: string) => new URL(`../../../schema/${path}`, import.meta.url);
const supergraph = Supergraph.build(readFileSync(file("supergraph/supergraph.graphql"), "utf8"), {
  validateSupergraph: false,
});
const api = supergraph.apiSchema();
const schema = api.toGraphQLJSSchema();

const known = readOperations().map(({ name, text }) => [name, text] as const);
const conditional = `query ($brief: Boolean = true, $deep: Boolean!) {
  first: product(slug: "a") @skip(if: $brief) { ...Card title }
  product(slug: "b") { ...Card ... on Product @include(if: $deep) { priceRange { min { amount } } brand } kind: __typename }
  search @include(if: $deep) { nodes { ... on Product { slug } id } facets { name } }
}
fragment Card on Product { id title @include(if: $deep) priceRange { max { currency amount } } }`;

test.each([...known, ["what is asked under conditions", conditional] as const])(
  "%s is answered as @apollo/gateway would, whatever is missing",
  (_, text) => {
    const document = parse(text);
    const fragments = fragmentsOf(document);
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const shape = responseShape(schema, definition, fragments);
      const operation = operationFromDocument(
        api,
        document,
        definition.name ? { operationName: definition.name.value } : {},
      );
      const introspectionHandling = () => undefined;
      for (let seed = 1; seed <= 150; seed++) {
        const random = chances(seed);
        const input = new MadeUp(fragments, random, seed % 3 === 0 ? 0 : 0.03).answer(definition);
        const variables = { deep: seed % 2 === 0, ...(seed % 4 === 1 && { brief: false }) };
        const expected = computeResponse({ operation, variables, input, introspectionHandling });
        const shaped = shape?.(input, variables);
        expect(shaped?.data, `seed ${seed}`).toEqual(plain(expected.data));
        if (shaped?.data === null) expect(shaped.missing).toBeTruthy();
      }
    }
  },
);

test("fragments that spread each other many times over cost no more than their text", () => {
  const levels = Array.from(
    { length: 100 },
    (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`,
  );
  const document = parse(
    `{ ...F0 } ${levels.join("\n")} fragment F100 on Query { product(slug: "a") { id } }`,
  );
  const shape = responseShape(
    schema,
    document.definitions[0] as OperationDefinitionNode,
    fragmentsOf(document),
  );
  expect(shape?.({ product: { id: "prd_1" } }, {})).toEqual({ data: { product: { id: "prd_1" } } });
});

test("a variable that is called like what every object has is a variable", () => {
  const document = parse(
    `query ($toString: Boolean = true) { product(slug: "a") @include(if: $toString) { id } }`,
  );
  const shape = responseShape(schema, document.definitions[0] as OperationDefinitionNode, {});
  expect(shape?.({ product: null }, {})).toEqual({ data: { product: null } });
  expect(shape?.({ product: null }, { toString: false })).toEqual({ data: {} });
});

test.each([
  ["a list", "product", { product: ["garbage"] }],
  ["a text", "product", { product: "garbage" }],
  ["an object of another type", "product", { product: { __typename: "Money" } }],
  ["no list", "product.variants", { product: { id: "prd_1", variants: "garbage" } }],
])("%s in the place of %s is nothing", (_, __, data) => {
  const document = parse(`{ product(slug: "a") { id variants { sku } } }`);
  const shape = responseShape(schema, document.definitions[0] as OperationDefinitionNode, {});
  expect(shape?.(data, {})).toEqual({ data: { product: null } });
});

test("introspection beside data, and names that every object has, are left to it", () => {
  const shapeOf = (text: string) => {
    const document = parse(text);
    return responseShape(schema, document.definitions[0] as OperationDefinitionNode, fragmentsOf(document));
  };
  expect(shapeOf(`{ __type(name: "Product") { name } product(slug: "a") { id } }`)).toBeUndefined();
  expect(shapeOf(`{ product(slug: "a") { toString: title __proto__: id } }`)).toBeUndefined();
  expect(shapeOf(`{ product(slug: "a") { __typename: title } }`)).toBeUndefined();
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Data as subgraphs might answer it: with fields too many, and nulls. */
class MadeUp {
  readonly #fragments: Fragments;
  readonly #random: () => number;
  readonly #holes: number;

  constructor(fragments: Fragments, random: () => number, holes: number) {
    this.#fragments = fragments;
    this.#random = random;
    this.#holes = holes;
  }

  answer({ operation, selectionSet }: OperationDefinitionNode): Record<string, unknown> {
    const root = schema.getRootType(operation);
    if (!root) throw new Error(`No ${operation} in the schema`);
    const answer = this.#object(root, [selectionSet]);
    delete answer["__typename"];
    return answer;
  }

  #object(declared: GraphQLCompositeType, sets: SelectionSetNode[]): Record<string, unknown> {
    const possible = isAbstractType(declared) ? schema.getPossibleTypes(declared) : [declared];
    const type = possible[Math.floor(this.#random() * possible.length)];
    if (!isObjectType(type)) throw new Error(`${declared.name} has no objects`);
    const answer: Record<string, unknown> = { unasked: true };
    if (isAbstractType(declared) || this.#random() < 0.5) answer["__typename"] = type.name;
    const inner = new Map<string, { type: GraphQLOutputType; sets: SelectionSetNode[] }>();
    const collect = ({ selections }: SelectionSetNode) => {
      for (const one of selections) {
        if (one.kind !== Kind.FIELD) {
          const fragment = one.kind === Kind.FRAGMENT_SPREAD ? this.#fragments[one.name.value] : one;
          if (fragment && applies(schema, fragment.typeCondition?.name.value, type))
            collect(fragment.selectionSet);
          continue;
        }
        const field = type.getFields()[one.name.value];
        if (!field) continue;
        const key = (one.alias ?? one.name).value;
        const entry = inner.get(key) ?? { type: field.type, sets: [] };
        inner.set(key, entry);
        if (one.selectionSet) entry.sets.push(one.selectionSet);
      }
    };
    sets.forEach(collect);
    for (const [key, one] of inner) {
      const value = this.#value(one.type, one.sets);
      if (value !== undefined) answer[key] = value;
    }
    return answer;
  }

  #value(type: GraphQLOutputType, sets: SelectionSetNode[]): unknown {
    if (this.#random() < this.#holes) return this.#random() < 0.5 ? null : undefined;
    if (isNonNullType(type)) return this.#value(type.ofType, sets);
    if (isListType(type))
      return Array.from(
        { length: Math.floor(this.#random() * 4) },
        () => this.#value(type.ofType, sets) ?? null,
      );
    const named = getNamedType(type);
    if (isCompositeType(named)) return this.#object(named, sets);
    if (this.#random() < this.#holes / 4) return { wrong: true };
    if (isEnumType(named)) return named.getValues()[0]?.name;
    return { Int: 7, Float: 1.5, Boolean: false }[named.name] ?? "text";
  }
}

function applies(within: GraphQLSchema, condition: string | undefined, type: GraphQLCompositeType): boolean {
  const wider = condition === undefined ? type : within.getType(condition);
  return wider === type || (isAbstractType(wider) && isObjectType(type) && within.isSubType(wider, type));
}

/** Seeded random numbers from 0 to 1. */
function chances(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
