import type { IncomingMessage } from "node:http";
import { HeaderMap, type HTTPGraphQLResponse } from "@apollo/server";
import { getOperationAST, type GraphQLError } from "graphql";
import { asGraphQLError } from "../errors/coded-errors.ts";
import type { DocumentCache } from "../graph/document-cache.ts";
import { isIntrospection } from "../graph/execute-operation.ts";
import { operationSteps, type GraphqlServerDeps, type SingleResult } from "../graphql-server.ts";
import type { RequestContext } from "../request-context.ts";

export interface KnownOperationDeps extends Pick<GraphqlServerDeps, "executeOperation" | "guard" | "mask"> {
  documents: Pick<DocumentCache, "known">;
}

/** Answers a request for one of the shop's own operations; undefined for any other, which is Apollo Server's. */
export type AnswerKnown = (
  request: Pick<IncomingMessage, "headers">,
  body: unknown,
  context: RequestContext,
) => Promise<HTTPGraphQLResponse> | undefined;

/**
 * The shop's own operations are parsed, validated and planned at start, so that nothing of Apollo Server's pipeline is left to
 * be done for them, which takes a tenth of the gateway's CPU. A test holds the answers against the server's.
 */
export function knownOperations(deps: KnownOperationDeps): AnswerKnown {
  const { documents, guard } = deps;
  const { run, finish } = operationSteps(deps);

  return (request, body, context) => {
    if (!takesJson(request) || !isPlain(body)) return undefined;
    const known = documents.known(body.query);
    if (!known) return undefined;
    const operationName = body.operationName ?? undefined;
    const operation = getOperationAST(known.document, operationName);
    if (!operation || operation.operation === "subscription") return undefined;
    if (isIntrospection(known.document, operation)) return undefined;
    const variables = body.variables ?? {};
    return answer({ ...known, operation, request: { variables }, contextValue: context }, variables);
  };

  async function answer(
    asked: Parameters<GraphqlServerDeps["executeOperation"]>[0] & Pick<Guarded, "document" | "operation">,
    variables: Record<string, unknown>,
  ): Promise<HTTPGraphQLResponse> {
    const { document, operation, contextValue: context } = asked;
    const headers = new HeaderMap();
    const refusal = await refusalOf(() => guard({ document, operation, variables }, context));
    const executed = refusal ? refused(refusal, headers) : await run(asked);
    if (!executed) throw new Error("A known operation reads the schema alone");
    const { singleResult, errors, status } = executed;
    await finish(singleResult, errors, context);
    headers.set("content-type", "application/json; charset=utf-8");
    const { data, extensions } = singleResult;
    const string = `${JSON.stringify({ errors: singleResult.errors, data, extensions })}\n`;
    return { ...(status !== undefined && { status }), headers, body: { kind: "complete", string } };
  }
}

type Guarded = Parameters<GraphqlServerDeps["guard"]>[0];

async function refusalOf(guard: () => Promise<void> | void): Promise<GraphQLError | undefined> {
  try {
    await guard();
    return undefined;
  } catch (error) {
    return asGraphQLError(error);
  }
}

/** The status and headers of an error that the guard threw, as Apollo Server reads them. */
function refused(error: GraphQLError, headers: HeaderMap) {
  const { http } = error.extensions as { http?: { status?: number; headers?: HeaderMap } };
  for (const [name, value] of http?.headers ?? []) headers.set(name, value);
  const singleResult: SingleResult = {};
  return { singleResult, errors: [error], status: http?.status ?? 500 };
}

/** Whether the request needs nothing of Apollo Server's checks of headers. */
function takesJson({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const { accept = "*/*" } = headers;
  return (
    headers["content-type"] === "application/json" && (accept === "*/*" || accept === "application/json")
  );
}

interface PlainRequest {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

function isPlain(body: unknown): body is PlainRequest {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  const { query, operationName, variables, extensions } = body as Record<string, unknown>;
  return (
    typeof query === "string" &&
    (operationName === undefined || operationName === null || typeof operationName === "string") &&
    typeof (variables ?? {}) === "object" &&
    !Array.isArray(variables) &&
    extensions === undefined
  );
}
