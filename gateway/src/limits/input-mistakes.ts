import {
  GraphQLError,
  isNonNullType,
  TypeInfo,
  ValidationContext,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { badUserInput } from "../errors/coded-errors.ts";

/** Throws BAD_USER_INPUT for an operation that is valid and can't be executed with these variables. */
export type RefuseInputMistakes = (variables: Record<string, unknown>) => void;

/**
 * Finds, once for each operation, what GraphQL's validation lets pass and executors throw on, each in its own way: a
 * number that is no finite one, and null for a variable that may be left out, in a place that takes no null.
 */
export function inputMistakes(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): RefuseInputMistakes {
  const endless = endlessNumberIn(document);
  const needed = neededVariables(schema, document, operation);
  return (variables) => {
    if (endless) throw endless;
    for (const name of needed) if (variables[name] === null) throw nullRefused(name);
  };
}

function endlessNumberIn(document: DocumentNode): GraphQLError | undefined {
  let found: GraphQLError | undefined;
  const check = (node: { value: string }) => {
    if (Number.isFinite(Number(node.value))) return;
    const shown = node.value.slice(0, 60);
    found ??= badUserInput(new GraphQLError(`Expected a number below 1.8e308, got ${shown}.`));
  };
  visit(document, { FloatValue: check, IntValue: check });
  return found;
}

/** Variables that may be null by their type, since they or their places have defaults, in places that may not. */
function neededVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Set<string> {
  const context = new ValidationContext(schema, document, new TypeInfo(schema), () => undefined);
  const usages = context.getRecursiveVariableUsages(operation);
  return new Set(usages.flatMap(({ node, type }) => (type && isNonNullType(type) ? [node.name.value] : [])));
}

function nullRefused(name: string): GraphQLError {
  const message = `Variable "$${name}" stands where null is not taken: give it a value, or leave it out for its default.`;
  return badUserInput(new GraphQLError(message));
}
