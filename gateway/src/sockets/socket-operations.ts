import { hash } from "node:crypto";
import type { ApolloServer } from "@apollo/server";
import { documentBytes } from "@shop/service/document-bytes";
import { RefCountedMap } from "@shop/service/ref-counted-map";
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
import type { DocumentCache } from "../graph/document-cache.ts";
import { wrongVariables } from "../graph/execute-operation.ts";
import { objectBytes } from "../graph/object-bytes.ts";
import type { ValidatedOperation } from "../graph/plan-cache.ts";
import type { LoadedSupergraph, PlannedOperation } from "../graph/supergraph.ts";
import { documentLimits } from "../limits/document-limits.ts";
import { maxTokens } from "../limits/operation-limits.ts";
import { uncachedDocumentPoints, requestPoints, type ChargeCost } from "../limits/charge-cost.ts";
import type { GuardOperation } from "../limits/guard-operation.ts";
import type { MaskError } from "../errors/mask-errors.ts";
import type { RequestContext } from "../request-context.ts";
import type { Subscribe } from "./subscribe.ts";
import type { SubscriptionQuota } from "../limits/subscription-quota.ts";

export interface SocketOperationDeps {
  server: ApolloServer<RequestContext>;
  supergraph: LoadedSupergraph;
  documents: DocumentCache;
  charge: ChargeCost | undefined;
  guard: GuardOperation;
  mask: MaskError;
  quota: SubscriptionQuota;
  subscribe: Subscribe;
}

/** One operation of a socket: the context that graphql-ws passes from hook to hook. */
interface SocketOperation {
  context: RequestContext;
  /** The request of a query or mutation. */
  payload?: SubscribePayload;
  /** The plan of a subscription, until `end` releases it. */
  subscription?: { planned: PlannedOperation; end(): void };
}

export type SocketOperations = ReturnType<typeof socketOperations>;

/** The hooks of graphql-ws for an operation: prepare, then execute or subscribe. */
export function socketOperations(deps: SocketOperationDeps) {
  const { server, supergraph, documents, charge, guard, mask, quota, subscribe } = deps;
  const schema = supergraph.apiSchema;
  /** The plans of running subscriptions, shared by document and operation. */
  const plans = new RefCountedMap<PlannedOperation>();

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
        const cached = documents.find(queryHash);
        if (!cached) {
          await charge?.(uncachedDocumentPoints(payload.query), context);
          context.isDocumentPaid = true;
        }
        const document = cached ?? check(payload.query);
        if (!("kind" in document)) return refused(document);
        const operation = getOperationAST(document, payload.operationName);
        if (!operation)
          return refused([coded("OPERATION_RESOLUTION_FAILURE", "Name one of the document's operations.")]);
        const contextValue: SocketOperation = { context };
        const variableValues = payload.variables ?? {};
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
          if (!cached) documents.offer(queryHash, document);
          await guard({ document, operation, variables: variableValues }, context);
          const wrong = wrongVariables(supergraph, operation, variableValues);
          if (wrong.length > 0) return refused(wrong);
          const validated = { queryHash, document, operation };
          if (cached && !supergraph.isPlanned(validated))
            await charge?.(uncachedDocumentPoints(payload.query), context);
          contextValue.subscription = begin(validated, payload, context);
        } else contextValue.payload = payload;
        return { schema, document: typeOf(operation), variableValues, contextValue };
      } catch (error) {
        // A thrown error would close the socket, and with it the client's other operations.
        return refused([asGraphQLError(error)]);
      }
    },

    /** Executes queries and mutations like HTTP requests, with the same limits, masks and plans. */
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
        .finally(() => context.releaseMemory?.());
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

  /** Counts a subscription and plans it. Throws RATE_LIMITED where a limit is reached. */
  function begin(
    validated: ValidatedOperation,
    payload: SubscribePayload,
    { ip, caller }: RequestContext,
  ): NonNullable<SocketOperation["subscription"]> {
    const { queryHash, document, operation } = validated;
    const key = `${queryHash} ${hash("sha256", operation.name?.value ?? "")}`;
    const bytes = documents.isPinned(queryHash) ? 0 : 3 * documentBytes(document, payload.query.length);
    // The gateway and the subscription's service both keep them.
    const variableBytes = payload.variables ? 2 * objectBytes(payload.variables) : 0;
    const release = quota.acquire({ ip, caller, document: { key, bytes }, variableBytes });
    if (release instanceof GraphQLError) throw release;
    try {
      const plan = plans.use(key, () => supergraph.plan(validated));
      const end = () => {
        plan[Symbol.dispose]();
        release();
      };
      return { planned: plan.value, end };
    } catch (error) {
      release();
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

/** A document with nothing but its type, which is all that graphql-ws reads of it; it keeps it while the operation runs. */
function typeOf({ operation }: OperationDefinitionNode): DocumentNode {
  const selectionSet = { kind: Kind.SELECTION_SET, selections: [] } as const;
  return { kind: Kind.DOCUMENT, definitions: [{ kind: Kind.OPERATION_DEFINITION, operation, selectionSet }] };
}

/** The length of a message, about: in characters instead of bytes. */
function sizeOf({ query, operationName, variables, extensions }: SubscribePayload): number {
  const lengthOf = (part: unknown) => (part ? JSON.stringify(part).length : 0);
  return query.length + (operationName?.length ?? 0) + lengthOf(variables) + lengthOf(extensions);
}

function coded(code: string, message: string, at?: GraphQLError): GraphQLError {
  return new GraphQLError(message, { nodes: at?.nodes ?? null, extensions: { code } });
}

/** A GraphQLError of a formatted one, since graphql-ws formats errors itself. */
function revived(error: { message: string; path?: unknown; extensions?: unknown }): GraphQLError {
  return new GraphQLError(error.message, {
    path: error.path as GraphQLError["path"],
    extensions: error.extensions as GraphQLError["extensions"],
  });
}
