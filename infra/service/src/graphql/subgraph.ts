import { buildSubgraphSchema } from "@apollo/subgraph";
import { readSubgraphSchema } from "@shop/values/subgraph-schema";
import {
  createSourceEventStream,
  GraphQLError,
  getOperationAST,
  parse,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { toCallerError } from "./to-caller-error.ts";
import type { Identity } from "../identity/identity.ts";
import { keptDocuments } from "./document-cache.ts";
import { requestIdIn } from "./request-id.ts";
import { answersOf } from "./subscription-answers.ts";
import { sharedResolvers } from "./scalars.ts";
import type { Logger } from "../runtime/telemetry.ts";

/** The context of every resolver, besides what the service adds. */
export type Context = {
  identity: Identity;
  log: Logger;
  /** The id of the client's request, for log lines; undefined where the gateway sent none. */
  requestId: string | undefined;
  /** Sent along with the answer, for the gateway alone: it passes no extensions of a subgraph on to clients. */
  extensions?: Record<string, unknown>;
};

/** A GraphQL request as it comes over HTTP or a socket. */
export type GraphRequest = {
  query?: unknown;
  variables?: unknown;
  operationName?: unknown;
  /**
   * From the gateway: `known: true` where this comes from one of the shop's own operations, so that it stays compiled, and
   * `requestId`, the id of the client's request.
   */
  extensions?: unknown;
};

/** A subscription that may begin: `subscribe` once, and dispose of it when it is over or was never begun. */
export type PreparedSubscription = Disposable & {
  args: ExecutionArgs;
  subscribe(): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
};

/**
 * An executable subgraph. Documents that come again are kept parsed, validated and compiled, bounded in bytes over all
 * services of a process; those of known operations stay.
 */
export type Subgraph = {
  schema: GraphQLSchema;
  run(request: GraphRequest, identity: Identity): Promise<ExecutionResult>;
  /** A subscription of the socket, or why it can't begin. Its document is shared with all others of the same text. */
  prepare(request: GraphRequest, identity: Identity): PreparedSubscription | readonly GraphQLError[];
  /** Errors as the caller may read them; faults are logged with their cause and the request's id, which the gateway gets too. */
  present(result: ExecutionResult, requestId: string | undefined): ExecutionResult;
};

/** Builds the subgraph of a schema file and its resolvers; the shared types that it names, and their resolvers, come with it. */
export function buildSubgraph(input: {
  schema: URL;
  resolvers: Record<string, unknown>;
  context: ((request: { identity: Identity }) => object) | undefined;
  log: Logger;
}): Subgraph {
  const typeDefs = parse(readSubgraphSchema(input.schema));
  const named = new Set(typeDefs.definitions.map((one) => ("name" in one ? one.name?.value : undefined)));
  const shared = Object.fromEntries(Object.entries(sharedResolvers).filter(([name]) => named.has(name)));
  const resolvers = { ...shared, ...input.resolvers };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
  const documents = keptDocuments(schema);

  const contextFor = (identity: Identity, requestId: string | undefined): Context => ({
    identity,
    log: input.log,
    requestId,
    ...input.context?.({ identity }),
  });

  const present = (result: ExecutionResult, requestId: string | undefined): ExecutionResult => {
    if (!result.errors) return result;
    const errors = result.errors.map((raw) => {
      const { error, isFault } = toCallerError(raw);
      const err = raw.originalError ?? raw;
      if (isFault) input.log.error({ requestId, err, path: raw.path }, "a resolver failed");
      return requestId !== undefined && error.extensions["code"] === "INTERNAL_SERVER_ERROR"
        ? forGateway(error, { requestId, cause: err.message })
        : error;
    });
    return { ...result, errors };
  };

  return {
    schema,
    present,
    async run(request, identity) {
      if (typeof request.query !== "string")
        return { errors: [callerFault("expected a JSON object with a query")] };
      const kept = documents.find(request.query, isKnown(request));
      if (!("document" in kept)) return { errors: kept };
      const operation = getOperationAST(kept.document, nameIn(request));
      if (!operation)
        return { errors: [callerFault("expected the name of one of the document's operations")] };
      if (operation.operation === "subscription")
        return { errors: [callerFault("subscriptions go over the socket")] };
      const variables = request.variables ?? {};
      if (typeof variables !== "object") return { errors: [callerFault("expected variables as an object")] };
      const run = documents.run(kept, operation);
      const requestId = requestIdIn(request);
      const context = contextFor(identity, requestId);
      const result = present(await run(context, variables as Record<string, unknown>), requestId);
      return context.extensions ? { ...result, extensions: context.extensions } : result;
    },
    prepare(request, identity) {
      if (typeof request.query !== "string") return [callerFault("expected a query")];
      const variables = request.variables ?? {};
      if (typeof variables !== "object") return [callerFault("expected variables as an object")];
      const used = documents.use(request.query, isKnown(request));
      if (!("value" in used)) return used;
      const { document } = used.value;
      const operation = getOperationAST(document, nameIn(request));
      if (operation?.operation !== "subscription") {
        used[Symbol.dispose]();
        return [callerFault("expected a subscription; all else goes over HTTP")];
      }
      const context = contextFor(identity, requestIdIn(request));
      const variableValues = variables as Record<string, unknown>;
      const args: ExecutionArgs = {
        schema,
        document,
        contextValue: context,
        operationName: nameIn(request),
        variableValues,
      };
      return {
        args,
        async subscribe() {
          const events = await createSourceEventStream(args);
          if (!(Symbol.asyncIterator in events)) return events;
          const run = documents.run(used.value, operation);
          return answersOf(events, (event) => run(context, variableValues, event), used);
        },
        [Symbol.dispose]: () => used[Symbol.dispose](),
      };
    },
  };
}

/** A masked error with what the gateway logs of it; the gateway passes neither on to the client. */
function forGateway(
  { message, nodes, path, extensions }: GraphQLError,
  added: { requestId: string; cause: string },
): GraphQLError {
  const place = { nodes: nodes ?? null, path: path ?? null };
  return new GraphQLError(message, { ...place, extensions: { ...extensions, ...added } });
}

function isKnown({ extensions }: GraphRequest): boolean {
  return (
    typeof extensions === "object" &&
    extensions !== null &&
    "known" in extensions &&
    extensions.known === true
  );
}

function nameIn({ operationName }: GraphRequest): string | null {
  return typeof operationName === "string" ? operationName : null;
}

function callerFault(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
}
