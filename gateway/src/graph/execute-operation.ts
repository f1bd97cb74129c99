import type { GraphQLRequestContext } from "@apollo/server";
import { getVariableValues, GraphQLError, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { badUserInput } from "../errors/coded-errors.ts";
import type { RequestContext } from "../request-context.ts";
import { fragmentsOf } from "./fragments-of.ts";
import type { ValidatedOperation } from "./plan-cache.ts";
import { rootFields } from "./root-fields.ts";
import type { ExecutionResponse, LoadedSupergraph } from "./supergraph.ts";

type Services = Parameters<LoadedSupergraph["execute"]>[1];

/** Executes a validated operation; undefined for one that reads the schema alone. */
export type ExecuteOperation = (
  asked: Pick<
    GraphQLRequestContext<RequestContext>,
    "document" | "operation" | "queryHash" | "request" | "contextValue"
  >,
) => Promise<ExecutionResponse | undefined>;

/** Plans an operation over the subgraphs and executes the plan. */
export function operationExecutor(supergraph: LoadedSupergraph, services: Services): ExecuteOperation {
  return async ({ document, operation, queryHash, request, contextValue }) => {
    if (!document || !operation) return { errors: [unknownOperation(request.operationName)] };
    if (isIntrospection(document, operation)) return undefined;
    const planned = supergraph.plan({ queryHash: queryHash ?? "", document, operation });
    contextValue.isKnown = planned.isKnown;
    const variables = request.variables ?? {};
    const errors = wrongVariables(supergraph, planned.operation, variables);
    if (errors.length > 0) return { errors };
    return supergraph.execute(planned, services, variables, contextValue);
  };
}

/** Whether an operation has to be planned before it can be executed. */
export function needsPlan(supergraph: LoadedSupergraph): (validated: ValidatedOperation) => boolean {
  return (validated) =>
    !isIntrospection(validated.document, validated.operation) && !supergraph.isPlanned(validated);
}

/**
 * Whether an operation reads the schema alone. The planner's own introspection lacks fields that newer tools read (isOneOf), so
 * graphql-js answers it.
 */
export function isIntrospection(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const known = introspections.get(operation);
  if (known !== undefined) return known;
  const fields = rootFields(operation, fragmentsOf(document));
  const answer = operation.operation === "query" && fields.every(({ name }) => name.value.startsWith("__"));
  introspections.set(operation, answer);
  return answer;
}

const introspections = new WeakMap<OperationDefinitionNode, boolean>();

/** Without this limit each wrong entry of a large body gets an error of its own: seconds of CPU, megabytes of answer. */
const maxVariableErrors = 10;

/** The errors in the variables, before any fetch sends them. */
export function wrongVariables(
  supergraph: LoadedSupergraph,
  operation: { variableDefinitions?: Parameters<typeof getVariableValues>[1] | undefined },
  variables: Record<string, unknown>,
): GraphQLError[] {
  if (!operation.variableDefinitions?.length) return [];
  const { errors } = getVariableValues(supergraph.apiSchema, operation.variableDefinitions, variables, {
    maxErrors: maxVariableErrors,
  });
  return errors?.map(badUserInput) ?? [];
}

function unknownOperation(name: string | undefined): GraphQLError {
  return new GraphQLError(
    name ? `Unknown operation named "${name}".` : "Name one of the document's operations.",
    { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } },
  );
}
