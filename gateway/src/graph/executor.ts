import type { ApolloServerOptions } from "@apollo/server";
import {
  execute,
  getVariableValues,
  GraphQLError,
  type DocumentNode,
  type OperationDefinitionNode,
} from "graphql";
import { badUserInput } from "../coded-errors.ts";
import type { RequestContext } from "../request-context.ts";
import { fragmentsOf } from "./fragments-of.ts";
import { rootFields } from "./root-fields.ts";
import type { LoadedSupergraph } from "./supergraph.ts";

type GatewayInterface = NonNullable<ApolloServerOptions<RequestContext>["gateway"]>;
type Services = Parameters<LoadedSupergraph["execute"]>[1];

/** The supergraph as Apollo Server's executor; in place of ApolloGateway, whose request path costs more. */
export function supergraphExecutor(supergraph: LoadedSupergraph, services: Services): GatewayInterface {
  return {
    async load() {
      return {
        async executor(request) {
          if (!request.operation) return { errors: [unknownOperation(request.request.operationName)] };
          if (isIntrospection(request)) {
            const { document, request: asked } = request;
            const { variables: variableValues, operationName } = asked;
            return execute({ schema: supergraph.apiSchema, document, variableValues, operationName });
          }
          const key = `${request.queryHash} ${request.operationName ?? ""}`;
          const planned = supergraph.plan(key, request.document, request.operation);
          const refused = wrongVariables(supergraph, planned.operation, request.request.variables);
          if (refused.length > 0) return { errors: refused };
          return supergraph.execute(planned, services, request);
        },
      };
    },
    onSchemaLoadOrUpdate(listener) {
      listener({ apiSchema: supergraph.apiSchema, coreSupergraphSdl: supergraph.sdl });
      return () => {};
    },
    async stop() {},
  };
}

/** The planner's own introspection lacks what newer tools ask for (isOneOf), so graphql-js answers it. */
function isIntrospection({
  document,
  operation,
}: {
  document: DocumentNode;
  operation: OperationDefinitionNode;
}): boolean {
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
  variables: Record<string, unknown> | undefined,
): GraphQLError[] {
  if (!operation.variableDefinitions?.length) return [];
  const { errors } = getVariableValues(supergraph.apiSchema, operation.variableDefinitions, variables ?? {}, {
    maxErrors: mostErrors,
  });
  return errors?.map(badUserInput) ?? [];
}

function unknownOperation(name: string | undefined): GraphQLError {
  return new GraphQLError(
    name ? `Unknown operation named "${name}".` : "Name one of the document's operations.",
  );
}
