import {
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  parseType,
  print,
  valueFromASTUntyped,
  visit,
} from "graphql";
import type { GraphQLField, GraphQLSchema, OperationDefinitionNode, ValueNode } from "graphql";
import { ownVariables } from "../graph/rename-aliases.ts";

/** The subscription that the owning subgraph gets, and the one that resumes a broken stream. */
export interface ResumableOperation {
  /** The field of the event and the name of its cursor, where it has one. */
  cursorAt?: { field: string; name: typeof cursorName };
  first: string;
  /** The same with `after: $resumeAfter` in place of the client's own argument. */
  resumed?: string;
  /** Whether sending the first again, before an event brought a cursor, loses no event. */
  isRepeatable(variables: Record<string, unknown>): boolean;
}

export const resumeVariable = ownVariables.resume;
const cursorName = "resumeCursor";

/** Selects the cursor of the events, where they have one, under a name of the gateway's own. */
export function resumableOperation(operationText: string, apiSchema: GraphQLSchema): ResumableOperation {
  const document = parse(operationText);
  let field: GraphQLField<unknown, unknown> | undefined;
  let responseName = "";
  let givenAfter: ValueNode | undefined;
  const first = visit(document, {
    OperationDefinition(operation) {
      const [root] = operation.selectionSet.selections;
      if (root?.kind !== Kind.FIELD) return;
      field = apiSchema.getSubscriptionType()?.getFields()[root.name.value];
      responseName = (root.alias ?? root.name).value;
      givenAfter = root.arguments?.find(({ name }) => name.value === "after")?.value;
      if (!field || !canResume(field) || !root.selectionSet) return;
      const selections = [...root.selectionSet.selections, cursorSelection];
      const withCursor = { ...root, selectionSet: { ...root.selectionSet, selections } };
      return { ...operation, selectionSet: { ...operation.selectionSet, selections: [withCursor] } };
    },
  });
  // By contract a subscription to one entity, which a required argument names, first pushes its state.
  const beginsWithState = field?.args.some((argument) => isNonNullType(argument.type)) ?? false;
  const isRepeatable = (variables: Record<string, unknown>) =>
    beginsWithState ||
    (givenAfter !== undefined && (valueFromASTUntyped(givenAfter, variables) ?? null) !== null);
  const after = field && canResume(field) ? field.args.find(({ name }) => name === "after") : undefined;
  if (!after) return { first: operationText, isRepeatable };

  const resumed = visit(first, {
    OperationDefinition(operation) {
      const [root] = operation.selectionSet.selections;
      if (root?.kind !== Kind.FIELD) return;
      const others = (root.arguments ?? []).filter(({ name }) => name.value !== "after");
      const withAfter = { ...root, arguments: [...others, afterArgument] };
      const selectionSet = { ...operation.selectionSet, selections: [withAfter] };
      const definition = { ...afterDefinition, type: parseType(String(after.type)) };
      const variableDefinitions = [...stillUsed(operation, selectionSet), definition];
      return { ...operation, variableDefinitions, selectionSet };
    },
  });
  return {
    cursorAt: { field: responseName, name: cursorName },
    first: print(first),
    resumed: print(resumed),
    isRepeatable,
  };
}

/** The variables that are still used: the client's own for `after` may not be, and GraphQL refuses unused ones. */
function stillUsed(
  operation: OperationDefinitionNode,
  selectionSet: OperationDefinitionNode["selectionSet"],
) {
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  return (operation.variableDefinitions ?? []).filter((definition) =>
    used.has(definition.variable.name.value),
  );
}

function canResume(field: GraphQLField<unknown, unknown>): boolean {
  const type = isNonNullType(field.type) ? field.type.ofType : field.type;
  const hasAfter = field.args.some(({ name }) => name === "after");
  return hasAfter && isObjectType(type) && type.getFields()["cursor"] !== undefined;
}

const cursorSelection = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: "cursor" },
  alias: { kind: Kind.NAME, value: cursorName },
} as const;

const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: resumeVariable } } as const;

const afterArgument = {
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: "after" },
  value: variable,
} as const;

const afterDefinition = { kind: Kind.VARIABLE_DEFINITION, variable } as const;
