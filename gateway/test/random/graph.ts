import { createHash } from "node:crypto";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { readSubgraphSchema } from "@shop/values/subgraph-schema";
import {
  defaultFieldResolver,
  execute,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
} from "graphql";
import type { FetchOptions, FetchResult } from "../../src/subgraphs/failed-fetch.ts";

/** An object of the random graph: its values follow from its type and key, the same in every subgraph. */
interface Made {
  __typename: string;
  key: string;
  /** Fields that other subgraphs sent (@requires). */
  given?: Record<string, unknown>;
}

/** Entities with fields in several subgraphs, and the cart fields that shipping requires. */
const required: Record<string, string> = { "Cart.shippingOptions": "Cart" };
const entities = new Set([
  "User",
  "Product",
  "ProductVariant",
  "Category",
  "Cart",
  "Order",
  "Payment",
  "Shipment",
]);

/** Entities that are read with a proof alone. */
const proven = new Set(["Payment", "Shipment"]);

/** The root object of every operation. */
export const root: Made = { __typename: "Root", key: "root" };

/** Resolves any field of any type, in the subgraphs as in the one schema that they are compared with. */
export const madeUpField: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) => {
  const parent = source as Made;
  if (typeof parent?.key !== "string") return defaultFieldResolver(source, args, context, info);
  const { fieldName, parentType, returnType } = info;
  if (parent !== root && fieldName === "id" && entities.has(parentType.name)) return parent.key;
  if (parentType.name === "ProductVariant" && fieldName === "sku") return skuOf(parent.key);
  if (fieldName === "proof") return proofOf(parent.key);
  const place = parent === root ? fieldName : `${parent.key}.${fieldName}`;
  const asked = Object.keys(args).length > 0 ? JSON.stringify(args, Object.keys(args).toSorted()) : "";
  const needs = required[`${parentType.name}.${fieldName}`];
  const weighed = needs ? JSON.stringify(parent.given ?? cartParts(parent.key)) : "";
  return valueAt(returnType, place + asked + weighed, info.schema);
};

export const madeUpType: GraphQLTypeResolver<unknown, unknown> = (value) => (value as Made).__typename;

function valueAt(type: GraphQLOutputType, place: string, schema: GraphQLSchema): unknown {
  if (isNonNullType(type)) return present(type.ofType, place, schema);
  return numberOf(`${place}?`) % 9 === 0 ? null : present(type, place, schema);
}

function present(type: GraphQLOutputType, place: string, schema: GraphQLSchema): unknown {
  if (isListType(type)) return [0, 1].map((index) => valueAt(type.ofType, `${place}[${index}]`, schema));
  const named = getNamedType(type);
  const number = numberOf(place);
  if (isCompositeType(named)) {
    const kinds = isAbstractType(named) ? schema.getPossibleTypes(named).map(({ name }) => name) : [];
    const __typename = kinds.length > 0 ? String(kinds.toSorted()[number % kinds.length]) : named.name;
    const key = entities.has(__typename) ? `${__typename}-${number}` : place;
    return { __typename, key } satisfies Made;
  }
  if (named.name === "ErrorCode") return "NOT_FOUND"; // Each subgraph has codes of its own besides.
  if (isEnumType(named)) return named.getValues().map(({ name }) => name)[number % named.getValues().length];
  if (named.name === "Int") return number % 1000;
  if (named.name === "Float") return (number % 1000) / 4;
  if (named.name === "Boolean") return number % 2 === 0;
  return `${named.name} ${number}`;
}

const numberOf = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE();
const proofOf = (key: string): string => `proof of ${key}`;
const skuOf = (id: string): string => `sku-${id}`;
const cartParts = (key: string): Record<string, unknown> => ({
  weightGrams: numberOf(`${key}.weightGrams`) % 1000,
  subtotal: {
    amount: `Decimal ${numberOf(`${key}.subtotal.amount`)}`,
    currency: `CurrencyCode ${numberOf(`${key}.subtotal.currency`)}`,
  },
});

/** Resolves a reference; null for one whose fields are not those of its entity. */
function resolveReference(reference: Record<string, unknown>): Made | null {
  const { __typename, id, sku, proof, weightGrams, subtotal } = reference as Record<string, string>;
  const key = id ?? sku?.replace(/^sku-/, "");
  if (!key?.startsWith(`${__typename}-`) || (sku !== undefined && sku !== skuOf(key))) return null;
  if (proven.has(String(__typename)) && proof !== proofOf(key)) return null;
  if (weightGrams === undefined) return { __typename: String(__typename), key };
  const { amount, currency } = Object(subtotal) as Record<string, unknown>;
  return { __typename: String(__typename), key, given: { weightGrams, subtotal: { amount, currency } } };
}

export interface MadeUpSubgraph {
  process(options: FetchOptions): Promise<FetchResult>;
}

/** The subgraphs of the shop with random data; they validate requests as the real ones do. */
export function madeUpSubgraphs(names: readonly string[]): Record<string, MadeUpSubgraph> {
  return Object.fromEntries(names.map((name) => [name, madeUpSubgraph(name)]));
}

function madeUpSubgraph(name: string): MadeUpSubgraph {
  const file = new URL(`../../../subgraphs/${name}/schema.graphql`, import.meta.url);
  const typeDefs = parse(readSubgraphSchema(file));
  const types = typeDefs.definitions.flatMap((one) =>
    one.kind === Kind.OBJECT_TYPE_DEFINITION && one.directives?.some((each) => each.name.value === "key")
      ? [one.name.value]
      : [],
  );
  const resolvers = Object.fromEntries(
    types.map((type) => [type, { __resolveReference: resolveReference as never }]),
  );
  const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
  const documents = new Map<string, DocumentNode>();
  return {
    async process({ request: { query = "", variables, operationName } }) {
      const document = documents.get(query) ?? parse(query);
      const errors = documents.has(query) ? [] : validate(schema, document);
      if (errors.length > 0) return { errors: errors.map(({ message }) => ({ message })) };
      documents.set(query, document);
      const answer = await execute({
        schema,
        document,
        rootValue: root,
        fieldResolver: madeUpField,
        typeResolver: madeUpType,
        variableValues: variables ?? {},
        operationName: operationName ?? null,
      });
      return JSON.parse(JSON.stringify(answer)) as FetchResult;
    },
  };
}
