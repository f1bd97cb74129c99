import type { GraphQLDataSource } from "@apollo/gateway";
import {
  GraphQLError,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import type { RequestContext } from "../request-context.ts";

export type DataSource = GraphQLDataSource<RequestContext>;
export type FetchOptions = Parameters<DataSource["process"]>[0];
export type FetchResult = Awaited<ReturnType<DataSource["process"]>>;

/**
 * The errors of a failed fetch in the client's answer: one for each field that is null because of it, at the root or in
 * one object. An object in which such a field can't be null is null itself, and has one error. Below a list the list has
 * one error, since one for each entry would be longer than the answer.
 */
export function toFieldErrors(
  error: GraphQLError,
  options: FetchOptions,
  schema: GraphQLSchema,
): FetchResult {
  const place = "pathInIncomingRequest" in options ? (options.pathInIncomingRequest ?? []) : [];
  const list = place.indexOf("@");
  const names = list === -1 ? missingFields(options.request.query ?? "", schema) : [];
  if (names.length === 0) {
    const path = list === -1 ? place : place.slice(0, list);
    throw new GraphQLError(error.message, { path, extensions: error.extensions });
  }
  const { message, extensions } = error;
  const start = place.length === 0 ? [] : ["_entities", 0];
  return { errors: names.map((name) => ({ message, extensions, path: [...start, name] })) };
}

/** The fields that a fetch reads; none if one of them can't be null. */
function missingFields(query: string, schema: GraphQLSchema): string[] {
  const operation = parse(query).definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return [];
  const entities = operation.selectionSet.selections.find(
    (one) => one.kind === Kind.FIELD && one.name.value === "_entities",
  );
  if (entities?.kind !== Kind.FIELD) return fieldsOf(operation.selectionSet).map(([name]) => name);
  const missing: string[] = [];
  for (const one of entities.selectionSet?.selections ?? []) {
    if (one.kind !== Kind.INLINE_FRAGMENT) return [];
    const type = schema.getType(one.typeCondition?.name.value ?? "");
    const known = isObjectType(type) ? type.getFields() : {};
    for (const [name, field] of fieldsOf(one.selectionSet)) {
      const definition = known[field];
      if (!definition || isNonNullType(definition.type)) return [];
      missing.push(name);
    }
  }
  return missing;
}

/** Each field's name in the answer, and its name in the schema. */
function fieldsOf({ selections }: SelectionSetNode): [string, string][] {
  return selections.flatMap((one): [string, string][] =>
    one.kind === Kind.FIELD && one.name.value !== "__typename"
      ? [[(one.alias ?? one.name).value, one.name.value]]
      : [],
  );
}
