import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  valueFromAST,
  valueFromASTUntyped,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { Fragments } from "../graph/fragments-of.ts";
import { mutationWeight, type FieldWeights } from "./field-weights.ts";

/** The assumed length of a list without `first` and without keys to find its entries by. */
const usualListLength = 5;

/** Points of introspection beside those of its selections. */
const introspectionWeight = 200;
const introspections = new Map([SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]));

export interface CostInput {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: Fragments;
  variables: Record<string, unknown>;
  weights?: FieldWeights;
}

/** The bounds of an operation. */
export interface OperationCost {
  /** The objects of the largest possible answer: `first`, from a variable or a default too, or the number of keys asked for, multiplies all that is below it. */
  objects: number;
  /**
   * The caller's charge: a point for each object of the requested page and for each entry of the lists in a mutation's
   * arguments, and the weights of the fields.
   */
  points: number;
}

/** Measures an operation against the schema and the weights of its fields. */
export function measureOperation(question: CostInput): OperationCost {
  const { schema, operation, fragments, weights } = question;
  const variables = { ...defaultsOf(operation), ...question.variables };
  const fragmentCosts = new Map<string, OperationCost>();
  const entriesOfVariables = new Map<string, number>();
  const root = schema.getRootType(operation.operation);
  return root ? costOf(operation.selectionSet, root, 1) : { objects: 0, points: 0 };

  function costOf({ selections }: SelectionSetNode, parent: GraphQLNamedType, page: number): OperationCost {
    const cost = { objects: 0, points: 0 };
    for (const selection of selections) {
      const { objects, points } =
        selection.kind === Kind.FIELD
          ? costOfField(selection, parent, page)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? costOfFragment(selection.name.value, page)
            : costOf(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? parent, page);
      cost.objects += objects;
      cost.points += points;
    }
    return cost;
  }

  function costOfField(node: FieldNode, parent: GraphQLNamedType, page: number): OperationCost {
    const none = { objects: 0, points: 0 };
    if (!isObjectType(parent) && !isInterfaceType(parent)) return none;
    if (parent === root && introspections.has(node.name.value)) return costOfIntrospection(node);
    const field = parent.getFields()[node.name.value];
    if (!field) return none;
    const weight = weightOf(parent, field) + (parent === schema.getMutationType() ? entriesFor(node) : 0);
    const type = getNamedType(field.type);
    if (!node.selectionSet || !isCompositeType(type)) return { objects: 0, points: weight };
    const first = pageSize(field, node, variables);
    const inner = costOf(node.selectionSet, type, first ?? 1);
    // The lists inside a connection are as long as the requested page.
    const isPage = /^(nodes|edges)$/.test(field.name);
    const listed = isList(field.type);
    return {
      objects: (first ?? (listed && !isPage ? usualListLength : 1)) * (1 + inner.objects),
      points: weight + (isPage ? page : listed ? (first ?? usualListLength) : 1) * (1 + inner.points),
    };
  }

  /** Introspection is charged, and not bounded: its answer is as large as the schema, whatever the shop has. */
  function costOfIntrospection({ name, selectionSet }: FieldNode): OperationCost {
    const field = introspections.get(name.value);
    if (!field || !selectionSet) return { objects: 0, points: 0 };
    const { points } = costOf(selectionSet, getNamedType(field.type), 1);
    return { objects: 0, points: introspectionWeight + points };
  }

  function costOfFragment(name: string, page: number): OperationCost {
    const key = `${name} ${page}`;
    const known = fragmentCosts.get(key);
    if (known) return known;
    fragmentCosts.set(key, { objects: 0, points: 0 });
    const fragment = fragments[name];
    const type = typeNamed(fragment?.typeCondition.name.value);
    const cost = fragment && type ? costOf(fragment.selectionSet, type, page) : { objects: 0, points: 0 };
    fragmentCosts.set(key, cost);
    return cost;
  }

  function weightOf(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>): number {
    const usual = parent === schema.getMutationType() ? mutationWeight : 0;
    return weights?.get(`${parent.name}.${field.name}`) ?? usual;
  }

  /** A mutation writes each entry of the lists in its arguments: a point for each. */
  function entriesFor({ arguments: given = [] }: FieldNode): number {
    return given.reduce((sum, { value }) => {
      if (value.kind !== Kind.VARIABLE) return sum + listEntries(valueFromASTUntyped(value, variables));
      // One variable may be used by each alias, so its entries are counted once.
      const { value: name } = value.name;
      const entries = entriesOfVariables.get(name) ?? listEntries(variables[name]);
      entriesOfVariables.set(name, entries);
      return sum + entries;
    }, 0);
  }

  function typeNamed(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : schema.getType(name);
  }
}

/** The entries of all lists in a value, nested ones included. */
export function listEntries(value: unknown): number {
  let entries = 0;
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (Array.isArray(next)) entries += next.length;
    if (typeof next !== "object" || next === null) continue;
    for (const inner of Object.values(next)) if (typeof inner === "object") left.push(inner);
  }
  return entries;
}

/** The defaults of variables, which the request may leave out. */
function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}

function pageSize(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): number | undefined {
  const argument = field.args.find(({ name }) => name === "first");
  if (!argument) return isList(field.type) ? askedEntries(field, node, variables) : undefined;
  const given = node.arguments?.find(({ name }) => name.value === "first");
  const value: unknown = given ? valueFromAST(given.value, argument.type, variables) : undefined;
  const first = value ?? argument.defaultValue;
  // Whatever is no Int is refused as such before it is executed.
  return isInt(first) && first > 0 ? first : 1;
}

/** A list of what was asked for by keys is as long as the list of the keys. */
function askedEntries(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): number | undefined {
  const keys = field.args.find(({ type }) => isList(type));
  const given = keys && node.arguments?.find(({ name }) => name.value === keys.name);
  return given && Math.max(1, listEntries(valueFromASTUntyped(given.value, variables)));
}

const isInt = (value: unknown): value is number => Number.isInteger(value) && Number(value) < 2 ** 31;

function isList(type: GraphQLOutputType | GraphQLInputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
