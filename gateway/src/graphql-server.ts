import { ApolloServer, HeaderMap, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import { ApolloServerPluginUsageReportingDisabled } from "@apollo/server/plugin/disabled";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { asGraphQLError, subscriptionOverHttp, tooManyNewDocuments } from "./errors/coded-errors.ts";
import { newDocumentPoints, type ChargeCost } from "./limits/charge-cost.ts";
import { documentLimits, maxTokens } from "./limits/document-limits.ts";
import type { GuardOperation } from "./limits/guard-operation.ts";
import type { NewDocuments } from "./limits/uncached-document-queue.ts";
import type { MaskError } from "./errors/mask-errors.ts";
import type { RequestContext } from "./request-context.ts";
import type { Documents } from "./graph/document-cache.ts";
import type { CarryOut } from "./graph/execute-operation.ts";
import type { AskedOperation } from "./graph/plan-cache.ts";
import { persistedQueries } from "./graph/persisted-queries.ts";
import type { ExecutionAnswer } from "./graph/supergraph.ts";

export interface ServerParts {
  schema: GraphQLSchema;
  carryOut: CarryOut;
  guard: GuardOperation;
  mask: MaskError;
  documents: Documents;
  newDocuments: NewDocuments;
  charge: ChargeCost | undefined;
  needsPlan: (asked: AskedOperation) => boolean;
  log: Logger;
}

/** Parsing, validating, limits, CSRF and the shape of answers: Apollo Server, without its HTTP server. */
export async function startApolloServer({
  schema,
  carryOut,
  guard,
  mask,
  documents,
  newDocuments,
  charge,
  needsPlan,
  log,
}: ServerParts): Promise<ApolloServer<RequestContext>> {
  const server = new ApolloServer<RequestContext>({
    schema,
    logger: log,
    introspection: true,
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
      newDocumentRules({ documents, newDocuments, charge, needsPlan }),
      shopRules(carryOut, guard, mask),
    ],
  });
  await server.start();
  return server;
}

/**
 * Operations are carried out in a hook and not by the server's `gateway`: for that it makes an object with accessors for
 * each request, and V8 keeps what such an accessor sees, all of the request and its answer, until it clears the whole heap.
 */
function shopRules(
  carryOut: CarryOut,
  guard: GuardOperation,
  mask: MaskError,
): ApolloServerPlugin<RequestContext> {
  const listener: Listener = {
    async didResolveOperation({ document, operation, request, contextValue }) {
      if (contextValue.refused) throw contextValue.refused;
      if (operation?.operation === "subscription") throw subscriptionOverHttp();
      if (operation) await guard({ document, operation, variables: request.variables ?? {} }, contextValue);
    },
    async responseForOperation(asked) {
      let status = 400;
      const result = await carryOut(asked).catch((error: unknown): ExecutionAnswer => {
        status = 500;
        return { errors: [asGraphQLError(error)] };
      });
      if (!result) return null;
      const { data, errors, extensions } = result;
      if (errors) Object.assign(asked, { errors });
      const singleResult = { ...(data !== undefined && { data }), ...(extensions && { extensions }) };
      return {
        body: { kind: "single", singleResult },
        http: { headers: new HeaderMap(), ...(errors && data === undefined && { status }) },
      };
    },
    async willSendResponse({ errors, response, contextValue }) {
      if (response.body.kind !== "single") return;
      const result = response.body.singleResult;
      if (result.data) await contextValue.answered?.(result.data);
      const { cost } = contextValue;
      if (errors) result.errors = errors.map((error) => mask(error, contextValue.requestId).toJSON());
      else if (result.extensions?.["valueCompletion"]) {
        // A hole in a nullable place is an ordinary null; an answer of nothing must say why it is one.
        if (result.data === null)
          result.errors = [mask(missingPart(result.extensions), contextValue.requestId).toJSON()];
        delete result.extensions;
      }
      if (cost) result.extensions = { ...result.extensions, cost };
    },
  };
  return { requestDidStart: async () => listener };
}

/** A document that isn't kept is charged for, and waits for its turn, before it is parsed. */
function newDocumentRules({
  documents,
  newDocuments,
  charge,
  needsPlan,
}: Pick<
  ServerParts,
  "documents" | "newDocuments" | "charge" | "needsPlan"
>): ApolloServerPlugin<RequestContext> {
  const listener: Listener = {
    async didResolveSource({ source, queryHash, contextValue }) {
      if (documents.has(queryHash)) return;
      const { ip, signal, isDocumentPaid = false } = contextValue;
      try {
        if (!isDocumentPaid) await charge?.(newDocumentPoints(source), contextValue);
        const leave = await newDocuments.enter({ text: source, ip, signal });
        if (!leave) throw tooManyNewDocuments();
        contextValue.leave = leave;
        contextValue.isDocumentPaid = true;
      } catch (error) {
        // The server would take an error thrown here for a fault of ours.
        contextValue.refused = asGraphQLError(error);
      }
    },
    async didResolveOperation({ source, queryHash, document, operation, contextValue }) {
      const { isDocumentPaid = false, refused } = contextValue;
      if (!charge || isDocumentPaid || refused || !operation) return;
      // One of a document with more operations than there is room for plans.
      if (needsPlan({ queryHash, document, operation }))
        await charge(newDocumentPoints(source), contextValue);
    },
    async willSendResponse({ contextValue }) {
      contextValue.leave?.();
    },
  };
  return { requestDidStart: async () => listener };
}

type Listener = Awaited<ReturnType<NonNullable<ApolloServerPlugin<RequestContext>["requestDidStart"]>>>;

function missingPart(extensions: Record<string, unknown>): GraphQLError {
  return new GraphQLError("A part of the answer that can't be left out is missing", { extensions });
}
