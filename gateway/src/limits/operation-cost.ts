import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  valueFromAST,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { Fragments } from "../graph/fragments-of.ts";

/** Objects that one answer may hold at most: some ten full pages, nested. */
export const maxCost = 20_000;

/** How many entries a list without `first` is taken to have. */
const usualListLength = 5;

export interface CostQuestion {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: Fragments;
  variables: Record<string, unknown>;
}

/** How many objects an operation may answer with: `first` multiplies whatever stands below it, variables included. */
export function operationCost(question: CostQuestion): number {
  const { schema, operation, fragments, variables } = question;
  const fragmentCosts = new Map<string, number>();
  const root = schema.getRootType(operation.operation);
  return root ? costOf(operation.selectionSet, root) : 0;

  function costOf(selections: SelectionSetNode, parent: GraphQLNamedType): number {
    let cost = 0;
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) cost += costOfFragment(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : parent;
        if (type) cost += costOf(selection.selectionSet, type);
      } else if (selection.selectionSet && (isObjectType(parent) || isInterfaceType(parent))) {
        const field = parent.getFields()[selection.name.value];
        if (!field) continue;
        const type = getNamedType(field.type);
        if (isCompositeType(type))
          cost += timesOf(field, selection) * (1 + costOf(selection.selectionSet, type));
      }
    }
    return cost;
  }

  function costOfFragment(name: string): number {
    const known = fragmentCosts.get(name);
    if (known !== undefined) return known;
    fragmentCosts.set(name, 0);
    const fragment = fragments[name];
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    const cost = fragment && type ? costOf(fragment.selectionSet, type) : 0;
    fragmentCosts.set(name, cost);
    return cost;
  }

  function timesOf(field: GraphQLField<unknown, unknown>, node: Parameters<typeof pageSize>[1]): number {
    const first = pageSize(field, node, variables);
    if (first !== undefined) return first;
    // The lists inside a connection are as long as the page that was asked for, and that has been counted.
    return isList(field.type) && !/^(nodes|edges)$/.test(field.name) ? usualListLength : 1;
  }
}

function pageSize(
  field: GraphQLField<unknown, unknown>,
  node: {
    arguments?: readonly { name: { value: string }; value: Parameters<typeof valueFromAST>[0] }[] | undefined;
  },
  variables: Record<string, unknown>,
): number | undefined {
  const argument = field.args.find(({ name }) => name === "first");
  if (!argument) return undefined;
  const given = node.arguments?.find(({ name }) => name.value === "first");
  const value: unknown = given ? valueFromAST(given.value, argument.type, variables) : undefined;
  const first = value ?? argument.defaultValue;
  return typeof first === "number" && first > 0 ? first : 1;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
