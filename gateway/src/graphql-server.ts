import { ApolloServer, HeaderMap, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import { ApolloServerPluginUsageReportingDisabled } from "@apollo/server/plugin/disabled";
import { GraphQLError, type FormattedExecutionResult, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import {
  asGraphQLError,
  statusOf,
  subscriptionOverHttp,
  tooManyUncachedDocuments,
} from "./errors/coded-errors.ts";
import { uncachedDocumentPoints, type ChargeCost } from "./limits/charge-cost.ts";
import { documentLimits } from "./limits/document-limits.ts";
import { maxTokens } from "./limits/operation-limits.ts";
import type { GuardOperation } from "./limits/guard-operation.ts";
import type { UncachedDocumentQueue } from "./limits/uncached-document-queue.ts";
import type { MaskError } from "./errors/mask-errors.ts";
import type { RequestContext } from "./request-context.ts";
import type { DocumentCache } from "./graph/document-cache.ts";
import type { ExecuteOperation } from "./graph/execute-operation.ts";
import type { ValidatedOperation } from "./graph/plan-cache.ts";
import { persistedQueries } from "./graph/persisted-queries.ts";
import type { ExecutionResponse } from "./graph/supergraph.ts";

export interface GraphqlServerDeps {
  schema: GraphQLSchema;
  executeOperation: ExecuteOperation;
  guard: GuardOperation;
  mask: MaskError;
  documents: DocumentCache;
  uncachedDocuments: UncachedDocumentQueue;
  charge: ChargeCost | undefined;
  needsPlan: (asked: ValidatedOperation) => boolean;
  log: Logger;
}

/** Apollo Server without its HTTP server: it parses, validates, and runs the gateway's hooks. */
export async function startGraphqlServer(deps: GraphqlServerDeps): Promise<ApolloServer<RequestContext>> {
  const { schema, documents, log } = deps;
  const server = new ApolloServer<RequestContext>({
    schema,
    logger: log,
    introspection: true,
    // The endpoint refuses what another site's form could send, before it reads a body.
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    validationRules: documentLimits,
    parseOptions: { maxTokens },
    documentStore: documents.store,
    persistedQueries: { cache: persistedQueries() },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      uncachedDocumentRules(deps),
      operationRules(deps),
    ],
  });
  await server.start();
  return server;
}

/**
 * Executes operations in a hook and not by the server's `gateway`: for that the server makes an object with accessors for
 * each request, and V8 keeps all that such an accessor sees, the request and its answer, until it collects the whole heap.
 */
function operationRules(deps: GraphqlServerDeps): ApolloServerPlugin<RequestContext> {
  const { run, finish } = operationSteps(deps);
  const listener: Listener = {
    async didResolveOperation({ document, operation, request, contextValue }) {
      if (contextValue.rejection) throw contextValue.rejection;
      if (operation?.operation === "subscription") throw subscriptionOverHttp();
      if (operation)
        await deps.guard({ document, operation, variables: request.variables ?? {} }, contextValue);
    },
    async responseForOperation(requestContext) {
      const executed = await run(requestContext);
      if (!executed) return null;
      const { singleResult, errors, status } = executed;
      if (errors) Object.assign(requestContext, { errors });
      return {
        body: { kind: "single", singleResult },
        http: { headers: new HeaderMap(), ...(status !== undefined && { status }) },
      };
    },
    async willSendResponse({ errors, response, contextValue }) {
      if (response.body.kind === "single") await finish(response.body.singleResult, errors, contextValue);
    },
  };
  return { requestDidStart: async () => listener };
}

/** The answer to one operation; its errors are put into it by `finish`. */
export type SingleResult = Pick<FormattedExecutionResult, "data" | "errors" | "extensions">;

/** The steps after the guard for each operation over HTTP: Apollo Server takes them, and known operations beside it. */
export function operationSteps({
  executeOperation,
  mask,
}: Pick<GraphqlServerDeps, "executeOperation" | "mask">) {
  return {
    /** Undefined for an operation that reads the schema alone. `status` is set where there is no data. */
    async run(asked: Parameters<ExecuteOperation>[0]) {
      let status = 400;
      const result = await executeOperation(asked).catch((error: unknown): ExecutionResponse => {
        const thrown = asGraphQLError(error);
        status = statusOf(thrown, 500);
        return { errors: [thrown] };
      });
      if (!result) return undefined;
      const { data, errors, extensions } = result;
      const singleResult: SingleResult = {
        ...(data !== undefined && { data }),
        ...(extensions && { extensions }),
      };
      return { singleResult, errors, status: errors && data === undefined ? status : undefined };
    },

    /** Puts the errors, as the client may read them, and the cost into the answer. */
    async finish(result: SingleResult, errors: readonly GraphQLError[] | undefined, context: RequestContext) {
      if (result.data) await context.onData?.(result.data);
      const { cost, requestId } = context;
      if (errors) result.errors = errors.map((error) => mask(error, requestId).toJSON());
      else if (result.extensions?.["valueCompletion"]) {
        // A null in a nullable place is an ordinary one; an answer without data must have an error.
        if (result.data === null) result.errors = [mask(missingPart(result.extensions), requestId).toJSON()];
        delete result.extensions;
      }
      if (cost) result.extensions = { ...result.extensions, cost };
    },
  };
}

/** Charges for a document that isn't cached, and queues its operation, before it is parsed. */
function uncachedDocumentRules({
  documents,
  uncachedDocuments,
  charge,
  needsPlan,
}: GraphqlServerDeps): ApolloServerPlugin<RequestContext> {
  const listener: Listener = {
    async didResolveSource({ source, queryHash, contextValue }) {
      if (documents.has(queryHash)) return;
      const { ip, signal, isDocumentPaid = false } = contextValue;
      try {
        if (!isDocumentPaid) await charge?.(uncachedDocumentPoints(source), contextValue);
        const release = await uncachedDocuments.enter({ text: source, ip, signal });
        if (!release) throw tooManyUncachedDocuments();
        contextValue.releaseMemory = release;
        contextValue.isDocumentPaid = true;
      } catch (error) {
        // Apollo Server answers an error that is thrown here with 500.
        contextValue.rejection = asGraphQLError(error);
      }
    },
    async didResolveOperation({ source, queryHash, document, operation, contextValue }) {
      const { isDocumentPaid = false, rejection } = contextValue;
      if (!charge || isDocumentPaid || rejection || !operation) return;
      // The document is cached and this plan is not: its operations exceed the room for plans.
      if (needsPlan({ queryHash, document, operation }))
        await charge(uncachedDocumentPoints(source), contextValue);
    },
    async willSendResponse({ contextValue }) {
      contextValue.releaseMemory?.();
    },
  };
  return { requestDidStart: async () => listener };
}

type Listener = Awaited<ReturnType<NonNullable<ApolloServerPlugin<RequestContext>["requestDidStart"]>>>;

function missingPart(extensions: Record<string, unknown>): GraphQLError {
  return new GraphQLError("A part of the answer that can't be left out is missing", { extensions });
}
