import { createHash } from "node:crypto";
import type { ApolloServer } from "@apollo/server";
import { getOperationAST, GraphQLError, OperationTypeNode, parse, specifiedRules, validate } from "graphql";
import type { DocumentNode, ExecutionArgs, ExecutionResult } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import { LRUCache } from "lru-cache";
import { asGraphQLError } from "../coded-errors.ts";
import { wrongVariables } from "../graph/executor.ts";
import type { LoadedSupergraph } from "../graph/supergraph.ts";
import { documentLimits, maxTokens } from "../limits/document-limits.ts";
import { requestPoints, type ChargeCost } from "../limits/charge-cost.ts";
import type { GuardOperation } from "../limits/guard-operation.ts";
import type { MaskError } from "../mask-errors.ts";
import type { RequestContext } from "../request-context.ts";
import type { Subscribe } from "./subscribe.ts";

export interface OperationParts {
  server: ApolloServer<RequestContext>;
  supergraph: LoadedSupergraph;
  charge: ChargeCost | undefined;
  guard: GuardOperation;
  mask: MaskError;
  subscribe: Subscribe;
}

/** One operation of a socket, carried along through graphql-ws as its context. */
interface SocketOperation {
  context: RequestContext;
  payload: SubscribePayload;
}

export type SocketOperations = ReturnType<typeof socketOperations>;

/** The three steps of graphql-ws for an operation: what it is, and how it is carried out. */
export function socketOperations({ server, supergraph, charge, guard, mask, subscribe }: OperationParts) {
  const schema = supergraph.apiSchema;
  const documents = new LRUCache<string, DocumentNode>({ max: 1_000 });

  return {
    async prepare(
      payload: SubscribePayload,
      context: RequestContext,
    ): Promise<ExecutionArgs | GraphQLError[]> {
      const refused = (errors: readonly GraphQLError[]) =>
        errors.map((error) => mask(error, context.requestId));
      try {
        await charge?.(requestPoints(sizeOf(payload)), context);
        const document = documentOf(payload.query);
        if (!("kind" in document)) return refused(document);
        const operation = getOperationAST(document, payload.operationName);
        if (!operation)
          return refused([coded("OPERATION_RESOLUTION_FAILURE", "Name one of the document's operations.")]);
        const variables = payload.variables ?? {};
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
          await guard({ document, operation, variables }, context);
          const wrong = wrongVariables(supergraph, operation, variables);
          if (wrong.length > 0) return refused(wrong);
        }
        const contextValue: SocketOperation = { context, payload };
        return {
          schema,
          document,
          operationName: payload.operationName ?? null,
          variableValues: variables,
          contextValue,
        };
      } catch (error) {
        // Thrown on, it would close the socket, and with it the client's other operations.
        return refused([asGraphQLError(error)]);
      }
    },

    /** Queries and mutations go the way of HTTP requests: the same limits, masks and plans. */
    async execute({ contextValue }: ExecutionArgs): Promise<ExecutionResult> {
      const { context, payload } = contextValue as SocketOperation;
      const { query, operationName, variables } = payload;
      const request = {
        query,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variables } : {}),
      };
      const { body } = await server.executeOperation(request, { contextValue: context });
      if (body.kind !== "single") throw new Error("Answers in parts (@defer) are not served");
      const { data, errors } = body.singleResult;
      const result: ExecutionResult = {};
      if (data !== undefined) result.data = data;
      if (errors) result.errors = errors.map(revived);
      return result;
    },

    subscribe({ document, operationName, variableValues, contextValue }: ExecutionArgs) {
      const { context, payload } = contextValue as SocketOperation;
      const operation = getOperationAST(document, operationName);
      if (!operation) throw new Error("An operation that was prepared is gone");
      const key = `${createHash("sha256").update(payload.query).digest("hex")} ${operation.name?.value ?? ""}`;
      return subscribe(supergraph.plan(key, document, operation), { ...variableValues }, context);
    },
  };

  function documentOf(query: string): DocumentNode | readonly GraphQLError[] {
    const known = documents.get(query);
    if (known) return known;
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens });
    } catch (error) {
      return [coded("GRAPHQL_PARSE_FAILED", asGraphQLError(error).message)];
    }
    const errors = validate(schema, document, [...specifiedRules, ...documentLimits]);
    if (errors.length > 0)
      return errors.map((error) => coded("GRAPHQL_VALIDATION_FAILED", error.message, error));
    documents.set(query, document);
    return document;
  }
}

/** About how long its message was: characters instead of bytes. */
function sizeOf({ query, variables }: SubscribePayload): number {
  return query.length + (variables ? JSON.stringify(variables).length : 0);
}

function coded(code: string, message: string, at?: GraphQLError): GraphQLError {
  return new GraphQLError(message, { nodes: at?.nodes ?? null, extensions: { code } });
}

/** graphql-ws serialises errors itself, and wants them as GraphQLErrors for that. */
function revived(error: { message: string; path?: unknown; extensions?: unknown }): GraphQLError {
  return new GraphQLError(error.message, {
    path: error.path as GraphQLError["path"],
    extensions: error.extensions as GraphQLError["extensions"],
  });
}
