import { HeaderMap, type ApolloServer } from "@apollo/server";
import { buildSchema, getVariableValues, GraphQLError, parse } from "graphql";
import { hash } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { badRequest, badUserInput, rateLimited, unauthenticated } from "../errors/coded-errors.ts";
import { errorMasker } from "../errors/mask-errors.ts";
import { DocumentCache } from "../graph/document-cache.ts";
import type { ExecuteOperation } from "../graph/execute-operation.ts";
import type { ExecutionResponse } from "../graph/supergraph.ts";
import { startGraphqlServer, type GraphqlServerDeps } from "../graphql-server.ts";
import { guest } from "../identity/caller.ts";
import type { GuardOperation } from "../limits/guard-operation.ts";
import { UncachedDocumentQueue } from "../limits/uncached-document-queue.ts";
import { createMetrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { knownOperations, type AnswerKnown } from "./known-operation.ts";

const schema = buildSchema("type Query { cart(id: ID!): String } type Subscription { cart: String }");
const text = "query Cart($id: ID!) { cart(id: $id) }";
const follow = "subscription Follow { cart }";
const introspection = "query Types { __typename __schema { types { name } } }";
const execute = vi.fn<ExecuteOperation>();
const guard = vi.fn<GuardOperation>();
const lines: string[] = [];
const log = pino({ level: "error" }, { write: (line: string) => void lines.push(line) });
const documents = new DocumentCache();

let server: ApolloServer<RequestContext>;
let answerKnown: AnswerKnown;
beforeAll(async () => {
  for (const known of [text, follow, introspection]) documents.pin(hash("sha256", known), parse(known));
  const deps: GraphqlServerDeps = {
    schema,
    executeOperation: execute,
    guard,
    mask: errorMasker(log, createMetrics()),
    documents,
    uncachedDocuments: new UncachedDocumentQueue({ isPerAddress: true }),
    charge: undefined,
    needsPlan: () => false,
    log,
  };
  server = await startGraphqlServer(deps);
  answerKnown = knownOperations(deps);
});
afterAll(() => server.stop());
beforeEach(() => {
  execute.mockReset().mockResolvedValue({ data: { cart: "mine" } });
  guard.mockReset();
  lines.length = 0;
});

const json = { "content-type": "application/json" };
const context = (): RequestContext => {
  const { signal } = new AbortController();
  return { caller: guest, ip: "", requestId: "checkout-7", signal };
};

/** The answers of Apollo Server and of the known operation's own way. */
async function both(body: object) {
  const fromServer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers: new HeaderMap(Object.entries(json)), search: "", body },
    context: async () => context(),
  });
  const known = await answerKnown({ headers: json }, body, context());
  if (!known) throw new Error("The request was left to the server");
  const parts = ({ status, headers, body: answer }: typeof known) => ({
    status: status ?? 200,
    headers: [...headers],
    body: answer.kind === "complete" ? answer.string : undefined,
  });
  return { known: parts(known), server: parts(fromServer) };
}

const request = { query: text, variables: { id: "cart_1" } };
const missing = new GraphQLError("gone", { path: ["cart"], extensions: { code: "SERVICE_UNAVAILABLE" } });
const fault = new GraphQLError("secret", { path: ["cart"], extensions: { serviceName: "cart" } });
const completion = { valueCompletion: [{ message: "Cannot return null" }] };
const executed: [string, ExecutionResponse][] = [
  ["data", { data: { cart: "mine" } }],
  ["data and a coded error", { data: { cart: null }, errors: [missing] }],
  ["data and a masked error", { data: { cart: null }, errors: [fault] }],
  ["null for data", { data: null, errors: [missing] }],
  ["a null in a nullable place", { data: { cart: null }, extensions: completion }],
  ["a null that reached the root", { data: null, extensions: completion }],
];

describe("a known operation is answered as by Apollo Server", () => {
  test.each(executed)("%s", async (_name, answer) => {
    execute.mockImplementation(async () => structuredCopy(answer));
    const answers = await both(request);
    expect(answers.known).toEqual(answers.server);
    expect(execute).toHaveBeenCalledTimes(2);
    const [ofServer, ofKnown] = [lines.slice(0, lines.length / 2), lines.slice(lines.length / 2)].map(logged);
    expect(ofKnown).toEqual(ofServer);
  });

  test("wrong variables", async () => {
    execute.mockImplementation(async ({ operation, request: { variables = {} } }) => {
      const { errors = [] } = getVariableValues(schema, operation?.variableDefinitions ?? [], variables);
      return { errors: errors.map(badUserInput) };
    });
    const answers = await both({ query: text, variables: { id: { no: "id" } } });
    expect(answers.known).toEqual(answers.server);
    expect(answers.known.status).toBe(400);
  });

  test("a fault while it is carried out", async () => {
    execute.mockRejectedValue(new Error("secret"));
    const answers = await both(request);
    expect(answers.known).toEqual(answers.server);
    expect(answers.known.status).toBe(500);
    expect(answers.known.body).not.toContain("secret");
  });

  const refusals = [unauthenticated("TOKEN_EXPIRED"), rateLimited("checkout", 7), badRequest("no")];
  test.each([...refusals, missing, new Error("secret")])("what the guard refuses: %s", async (refusal) => {
    guard.mockImplementation(() => {
      throw refusal;
    });
    const answers = await both(request);
    expect(answers.known).toEqual(answers.server);
    expect(answers.known.body).not.toContain("secret");
    expect(execute).not.toHaveBeenCalled();
  });

  test("what it cost, and what waits for the data", async () => {
    const seen: object[] = [];
    guard.mockImplementation(async (_guarded, of) => {
      of.cost = { requested: 3, remaining: 7, limit: 10, resetInSeconds: 1 };
      of.onData = async (data) => void seen.push(data);
    });
    const answers = await both(request);
    expect(answers.known).toEqual(answers.server);
    expect(answers.known.body).toContain('"cost"');
    expect(seen).toEqual([{ cart: "mine" }, { cart: "mine" }]);
  });

  test.each([
    { ...request, operationName: "Cart" },
    { ...request, operationName: null },
  ])("named or not", async (body) => {
    const answers = await both(body);
    expect(answers.known).toEqual(answers.server);
    const asked = execute.mock.calls.map(([{ document, operation, queryHash, request: sent }]) => {
      return { document, operation, queryHash, variables: sent.variables };
    });
    expect(asked[0]).toEqual(asked[1]);
  });

  test("without variables", async () => {
    const answers = await both({ query: text, variables: null });
    expect(answers.known).toEqual(answers.server);
    expect(guard.mock.calls.map(([{ variables }]) => variables)).toEqual([{}, {}]);
  });
});

describe("Apollo Server answers", () => {
  const left: [string, object, object?][] = [
    ["another document", { query: `${text} ` }],
    ["a subscription", { query: follow }],
    ["what reads the schema alone", { query: introspection }],
    ["a name that the document doesn't have", { ...request, operationName: "Other" }],
    ["a registered query", { ...request, extensions: { persistedQuery: { version: 1, sha256Hash: "" } } }],
    ["variables that are no object", { ...request, variables: [] }],
    ["variables in a text", { ...request, variables: "{}" }],
    ["a name that is no text", { ...request, operationName: 1 }],
    ["several requests in one", [request]],
    ["a form of a web page", request, { "content-type": "text/plain" }],
    ["who takes another type of answer", request, { ...json, accept: "text/event-stream" }],
  ];
  test.each(left)("%s", (_name, body, headers = json) => {
    expect(answerKnown({ headers: { ...headers } }, body, context())).toBeUndefined();
  });
});

/** Errors are classes, which structuredClone would lose. */
function structuredCopy({ data, errors, extensions }: ExecutionResponse): ExecutionResponse {
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors }),
    ...(extensions && { extensions }),
  };
}

/** What log lines say, stack and time aside. */
const logged = (some: string[]) =>
  some.map((line) => {
    const { requestId, service, err } = JSON.parse(line) as Record<string, { message?: string }>;
    return [requestId, service, err?.message];
  });
