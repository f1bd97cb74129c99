import { hash } from "node:crypto";
import type { ApolloServer } from "@apollo/server";
import { documentBytes } from "@shop/service/document-bytes";
import { SharedWhileUsed } from "@shop/service/shared-while-used";
import {
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import type { DocumentNode, ExecutionArgs, ExecutionResult, OperationDefinitionNode } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import { asGraphQLError } from "../errors/coded-errors.ts";
import type { Documents } from "../graph/document-cache.ts";
import { wrongVariables } from "../graph/execute-operation.ts";
import { objectBytes } from "../graph/object-bytes.ts";
import type { LoadedSupergraph, PlannedOperation } from "../graph/supergraph.ts";
import { documentLimits, maxTokens } from "../limits/document-limits.ts";
import { newDocumentPoints, requestPoints, type ChargeCost } from "../limits/charge-cost.ts";
import type { GuardOperation } from "../limits/guard-operation.ts";
import type { MaskError } from "../errors/mask-errors.ts";
import type { RequestContext } from "../request-context.ts";
import type { Subscribe } from "./subscribe.ts";
import type { SubscriptionPlaces } from "../limits/subscription-quota.ts";

export interface OperationParts {
  server: ApolloServer<RequestContext>;
  supergraph: LoadedSupergraph;
  documents: Documents;
  charge: ChargeCost | undefined;
  guard: GuardOperation;
  mask: MaskError;
  places: SubscriptionPlaces;
  subscribe: Subscribe;
}

/** One operation of a socket, carried along through graphql-ws as its context. */
interface SocketOperation {
  context: RequestContext;
  /** Of a query or mutation. */
  payload?: SubscribePayload;
  /** Of a subscription: its plan, until it is over. */
  subscription?: { planned: PlannedOperation; end(): void };
}

export type SocketOperations = ReturnType<typeof socketOperations>;

/** The three steps of graphql-ws for an operation: what it is, and how it is carried out. */
export function socketOperations(parts: OperationParts) {
  const { server, supergraph, documents, charge, guard, mask, places, subscribe } = parts;
  const schema = supergraph.apiSchema;
  /** Plans of subscriptions that run, by document and operation: one for all that are the same. */
  const plans = new SharedWhileUsed<PlannedOperation>();

  return {
    async prepare(
      payload: SubscribePayload,
      context: RequestContext,
    ): Promise<ExecutionArgs | GraphQLError[]> {
      const refused = (errors: readonly GraphQLError[]) =>
        errors.map((error) => mask(error, context.requestId));
      try {
        await charge?.(requestPoints(sizeOf(payload)), context);
        const queryHash = hash("sha256", payload.query);
        const kept = documents.find(queryHash);
        if (!kept) {
          await charge?.(newDocumentPoints(payload.query), context);
          context.isDocumentPaid = true;
        }
        const document = kept ?? check(payload.query);
        if (!("kind" in document)) return refused(document);
        const operation = getOperationAST(document, payload.operationName);
        if (!operation)
          return refused([coded("OPERATION_RESOLUTION_FAILURE", "Name one of the document's operations.")]);
        const contextValue: SocketOperation = { context };
        const variableValues = payload.variables ?? {};
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
          documents.offer(queryHash, document);
          await guard({ document, operation, variables: variableValues }, context);
          const wrong = wrongVariables(supergraph, operation, variableValues);
          if (wrong.length > 0) return refused(wrong);
          const asked = { queryHash, document, operation };
          if (kept && !supergraph.isPlanned(asked)) await charge?.(newDocumentPoints(payload.query), context);
          contextValue.subscription = begin(asked, payload, context);
        } else contextValue.payload = payload;
        return { schema, document: typeOf(operation), variableValues, contextValue };
      } catch (error) {
        // Thrown on, it would close the socket, and with it the client's other operations.
        return refused([asGraphQLError(error)]);
      }
    },

    /** Queries and mutations go the way of HTTP requests: the same limits, masks and plans. */
    async execute({ contextValue }: ExecutionArgs): Promise<ExecutionResult> {
      const { context, payload } = contextValue as SocketOperation;
      if (!payload) throw new Error("An operation that was prepared is gone");
      const { query, operationName, variables } = payload;
      const request = {
        query,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variables } : {}),
      };
      const { body } = await server
        .executeOperation(request, { contextValue: context })
        .finally(() => context.leave?.());
      if (body.kind !== "single") throw new Error("Answers in parts (@defer) are not served");
      const { data, errors } = body.singleResult;
      const result: ExecutionResult = {};
      if (data !== undefined) result.data = data;
      if (errors) result.errors = errors.map(revived);
      return result;
    },

    subscribe({ variableValues, contextValue }: ExecutionArgs) {
      const { context, subscription } = contextValue as SocketOperation;
      if (!subscription) throw new Error("A subscription that was prepared is gone");
      return subscribe(subscription.planned, { ...variableValues }, context, subscription.end);
    },
  };

  /** Takes a place for a subscription, and its plan. Throws RATE_LIMITED where there is no place. */
  function begin(
    asked: { queryHash: string; document: DocumentNode; operation: OperationDefinitionNode },
    payload: SubscribePayload,
    { ip, caller }: RequestContext,
  ): NonNullable<SocketOperation["subscription"]> {
    const key = `${asked.queryHash} ${hash("sha256", asked.operation.name?.value ?? "")}`;
    const bytes = documents.isPinned(asked.queryHash)
      ? 0
      : 3 * documentBytes(asked.document, payload.query.length);
    // This process keeps them, and the service that is followed does too.
    const variableBytes = payload.variables ? 2 * objectBytes(payload.variables) : 0;
    const leave = places.take({ ip, caller, document: { key, bytes }, variableBytes });
    if (leave instanceof GraphQLError) throw leave;
    try {
      const plan = plans.use(key, () => supergraph.plan(asked));
      const end = () => {
        plan[Symbol.dispose]();
        leave();
      };
      return { planned: plan.value, end };
    } catch (error) {
      leave();
      throw error;
    }
  }

  function check(query: string): DocumentNode | readonly GraphQLError[] {
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens });
    } catch (error) {
      return [coded("GRAPHQL_PARSE_FAILED", asGraphQLError(error).message)];
    }
    const errors = validate(schema, document, [...specifiedRules, ...documentLimits]);
    return errors.length === 0
      ? document
      : errors.map((error) => coded("GRAPHQL_VALIDATION_FAILED", error.message, error));
  }
}

/** All that graphql-ws reads of a document: whether it is a subscription. It keeps it while the operation runs. */
function typeOf({ operation }: OperationDefinitionNode): DocumentNode {
  const selectionSet = { kind: Kind.SELECTION_SET, selections: [] } as const;
  return { kind: Kind.DOCUMENT, definitions: [{ kind: Kind.OPERATION_DEFINITION, operation, selectionSet }] };
}

/** About how long its message was: characters instead of bytes. */
function sizeOf({ query, operationName, variables, extensions }: SubscribePayload): number {
  const lengthOf = (part: unknown) => (part ? JSON.stringify(part).length : 0);
  return query.length + (operationName?.length ?? 0) + lengthOf(variables) + lengthOf(extensions);
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
