import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  GraphQLError,
  execute,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { compileQuery, type RunQuery } from "./compile-query.ts";
import { toCallerError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { sharedResolvers } from "./scalars.ts";
import type { Logger } from "./telemetry.ts";

/** What every resolver gets, besides what the service adds. */
export type Context = {
  identity: Identity;
  log: Logger;
  /** Sent along with the answer, for the gateway alone: it passes no extensions of a subgraph on to clients. */
  extensions?: Record<string, unknown>;
};

/** A GraphQL request as it comes over HTTP or a socket. */
export type GraphRequest = {
  query?: unknown;
  variables?: unknown;
  operationName?: unknown;
};

/** An executable subgraph: documents are kept parsed, validated and compiled, so known operations cost only their execution. */
export type Subgraph = {
  schema: GraphQLSchema;
  run(request: GraphRequest, identity: Identity): Promise<ExecutionResult>;
  /** What a resolver gets for this caller. */
  contextFor(identity: Identity): Context;
  /** Errors as the caller may read them; faults are logged with their cause. */
  present(result: ExecutionResult): ExecutionResult;
};

/** Documents kept; the gateway sends each of its plans' operations again and again. */
const mostDocuments = 2_000;

/** Builds the subgraph of a schema file and its resolvers; scalars and Money come with it. */
export function buildSubgraph(input: {
  schema: URL;
  resolvers: Record<string, unknown>;
  context: ((request: { identity: Identity }) => object) | undefined;
  log: Logger;
}): Subgraph {
  const typeDefs = parse(readFileSync(input.schema, "utf8"));
  const named = new Set(typeDefs.definitions.map((one) => ("name" in one ? one.name?.value : undefined)));
  const shared = Object.fromEntries(Object.entries(sharedResolvers).filter(([name]) => named.has(name)));
  const resolvers = { ...shared, ...input.resolvers };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
  const documents = new Map<string, DocumentNode | readonly GraphQLError[]>();
  const compiled = new WeakMap<OperationDefinitionNode, RunQuery>();

  const documentOf = (query: string) => {
    const known = documents.get(query);
    if (known) return known;
    const fresh = check(schema, query);
    if (documents.size >= mostDocuments) documents.clear();
    documents.set(query, fresh);
    return fresh;
  };

  const runOf = (document: DocumentNode, operation: OperationDefinitionNode): RunQuery => {
    const known = compiled.get(operation);
    if (known) return known;
    const operationName = operation.name?.value ?? null;
    const fresh =
      compileQuery(schema, document, operation) ??
      ((contextValue, variableValues) =>
        execute({ schema, document, contextValue, variableValues, operationName }));
    compiled.set(operation, fresh);
    return fresh;
  };

  const contextFor = (identity: Identity): Context => ({
    identity,
    log: input.log,
    ...input.context?.({ identity }),
  });

  const present = (result: ExecutionResult): ExecutionResult => {
    if (!result.errors) return result;
    const errors = result.errors.map((raw) => {
      const { error, isFault } = toCallerError(raw);
      if (isFault) input.log.error({ err: raw.originalError ?? raw, path: raw.path }, "a resolver failed");
      return error;
    });
    return { ...result, errors };
  };

  return {
    schema,
    contextFor,
    present,
    async run(request, identity) {
      if (typeof request.query !== "string")
        return { errors: [callerFault("expected a JSON object with a query")] };
      const document = documentOf(request.query);
      if (Array.isArray(document)) return { errors: document };
      const operationName = typeof request.operationName === "string" ? request.operationName : null;
      const operation = getOperationAST(document as DocumentNode, operationName);
      if (!operation)
        return { errors: [callerFault("expected the name of one of the document's operations")] };
      if (operation.operation === "subscription")
        return { errors: [callerFault("subscriptions go over the socket")] };
      const variables = request.variables ?? {};
      if (typeof variables !== "object") return { errors: [callerFault("expected variables as an object")] };
      const run = runOf(document as DocumentNode, operation);
      const context = contextFor(identity);
      const result = present(await run(context, variables as Record<string, unknown>));
      return context.extensions ? { ...result, extensions: context.extensions } : result;
    },
  };
}

function check(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 20_000 });
    const errors = validate(schema, document, specifiedRules);
    return errors.length === 0 ? document : errors.map((error) => callerFault(error.message));
  } catch (error) {
    return [callerFault(error instanceof Error ? error.message : "the query can't be parsed")];
  }
}

function callerFault(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
}
