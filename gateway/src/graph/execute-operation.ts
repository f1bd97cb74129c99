import type { GraphQLRequestContext } from "@apollo/server";
import { getVariableValues, GraphQLError, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { badUserInput } from "../errors/coded-errors.ts";
import type { RequestContext } from "../request-context.ts";
import { fragmentsOf } from "./fragments-of.ts";
import type { AskedOperation } from "./plan-cache.ts";
import { rootFields } from "./root-fields.ts";
import type { ExecutionAnswer, LoadedSupergraph } from "./supergraph.ts";

type Services = Parameters<LoadedSupergraph["execute"]>[1];

/** Carries out a validated operation; undefined for one that asks for the schema alone. */
export type CarryOut = (asked: GraphQLRequestContext<RequestContext>) => Promise<ExecutionAnswer | undefined>;

/** Plans an operation over the subgraphs and carries it out. */
export function supergraphExecutor(supergraph: LoadedSupergraph, services: Services): CarryOut {
  return async ({ document, operation, queryHash, request, contextValue }) => {
    if (!document || !operation) return { errors: [unknownOperation(request.operationName)] };
    if (isIntrospection(document, operation)) return undefined;
    const planned = supergraph.plan({ queryHash: queryHash ?? "", document, operation });
    contextValue.isKnown = planned.isKnown;
    const variables = request.variables ?? {};
    const refused = wrongVariables(supergraph, planned.operation, variables);
    if (refused.length > 0) return { errors: refused };
    return supergraph.execute(planned, services, variables, contextValue);
  };
}

/** Whether an operation has to be planned before it can be carried out. */
export function needsPlan(supergraph: LoadedSupergraph): (asked: AskedOperation) => boolean {
  return (asked) => !isIntrospection(asked.document, asked.operation) && !supergraph.isPlanned(asked);
}

/** The planner's own introspection lacks what newer tools ask for (isOneOf), so graphql-js answers it. */
function isIntrospection(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const known = introspections.get(operation);
  if (known !== undefined) return known;
  const fields = rootFields(operation, fragmentsOf(document));
  const answer = operation.operation === "query" && fields.every(({ name }) => name.value.startsWith("__"));
  introspections.set(operation, answer);
  return answer;
}

const introspections = new WeakMap<OperationDefinitionNode, boolean>();

/** A body full of wrong entries would be answered with one error for each, at seconds and megabytes. */
const mostErrors = 10;

/** What is wrong with the variables, before anything is fetched with them. */
export function wrongVariables(
  supergraph: LoadedSupergraph,
  operation: { variableDefinitions?: Parameters<typeof getVariableValues>[1] | undefined },
  variables: Record<string, unknown>,
): GraphQLError[] {
  if (!operation.variableDefinitions?.length) return [];
  const { errors } = getVariableValues(supergraph.apiSchema, operation.variableDefinitions, variables, {
    maxErrors: mostErrors,
  });
  return errors?.map(badUserInput) ?? [];
}

function unknownOperation(name: string | undefined): GraphQLError {
  return new GraphQLError(
    name ? `Unknown operation named "${name}".` : "Name one of the document's operations.",
    { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } },
  );
}
