import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import { BodyTooLarge, readBody, TooManyBodies } from "@shop/service/http";
import { GraphQLError } from "graphql";
import { badRequest, statusOf, tooBusy } from "../errors/coded-errors.ts";
import { isStaff } from "../identity/caller.ts";
import { requestPoints, type ChargeCost } from "../limits/charge-cost.ts";
import type { VerifyToken } from "../identity/verify-token.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { requestIdOf } from "../request-id.ts";
import { refuseSimpleRequest } from "./check-content-type.ts";
import { compressed } from "./compress.ts";
import { sendError } from "./send-error.ts";
import { clientAddress } from "./client-address.ts";
import type { AnswerKnown } from "./known-operation.ts";
import { RequestBodyQuota } from "../limits/request-body-quota.ts";

const maxBytes = 256 * 1024;
/** Staff import catalogues. */
const maxStaffBytes = 4 * 1024 * 1024;

export interface EndpointDeps {
  server: ApolloServer<RequestContext>;
  answerKnown: AnswerKnown;
  verify: VerifyToken;
  metrics: Metrics;
  charge: ChargeCost | undefined;
  trustedProxies: number;
}

export type HttpEndpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  search: string,
) => Promise<void>;

/** One GraphQL request over HTTP, between node:http and Apollo Server's pipeline. */
export function graphqlEndpoint({
  server,
  answerKnown,
  verify,
  metrics,
  charge,
  trustedProxies,
}: EndpointDeps): HttpEndpoint {
  const timer = metrics.requestSeconds.labels("http");
  const bodies = new RequestBodyQuota();

  return async (request, response, search) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request.headers["x-request-id"]);
    response.setHeader("x-request-id", requestId);
    allowOtherOrigins(response);
    if (request.method === "OPTIONS") {
      response.writeHead(204, preflight(request)).end();
      return;
    }
    if (request.method !== "GET" && request.method !== "POST") {
      response.setHeader("allow", allowed);
      const message = `Expected ${allowed}, got ${request.method}.`;
      sendError(response, 405, new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } }));
      return;
    }
    const { caller, refusal } = await verify(request.headers.authorization);
    const context: RequestContext = {
      caller,
      tokenRefusal: refusal,
      ip: clientAddress(request, trustedProxies),
      requestId,
      signal: signalOf(response),
      answer: { hasSecret: false },
    };

    let body: unknown;
    try {
      refuseSimpleRequest(request.method, request.headers);
      const address = charge && !isStaff(caller) ? context.ip : undefined;
      const limit = isStaff(caller) ? maxStaffBytes : maxBytes;
      const hold = bodies.open(response, address);
      const bytes = request.method === "POST" ? await readBody(request, limit, hold) : undefined;
      await charge?.(requestPoints(bytes?.length ?? search.length), context);
      if (bytes) body = parse(bytes);
    } catch (error) {
      refuse(response, error);
      return;
    }
    try {
      await respond(request, response, { search, body, context });
    } finally {
      timer.observe((performance.now() - startedAt) / 1000);
    }
  };

  async function respond(
    request: IncomingMessage,
    response: ServerResponse,
    { search, body, context }: { search: string; body: unknown; context: RequestContext },
  ): Promise<void> {
    const answer = await (
      answerKnown(request, body, context) ??
      server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method ?? "", headers: relevantHeaders(request), search, body },
        context: async () => context,
      })
    )
      // Apollo Server calls its plugins for each answer, but not for each fault.
      .finally(() => context.releaseMemory?.());
    if (answer.body.kind !== "complete") throw new Error("Answers in parts (@defer) are not served");
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    const retryAfter = retryAfterSecondsIn(answer.body.string);
    if (retryAfter) response.setHeader("retry-after", retryAfter);
    const sent = await compressed(request, response, answer.body.string, context.answer);
    response.setHeader("content-length", Buffer.byteLength(sent));
    response.writeHead(answer.status ?? 200).end(sent);
  }
}

/** How long the caller should wait, as the first error that says so has it. Errors stand before the data in an answer. */
function retryAfterSecondsIn(body: string): string | undefined {
  return body.startsWith('{"errors":') ? /"retryAfterSeconds":(\d+)/.exec(body)?.[1] : undefined;
}

/** The headers that Apollo Server reads; all others of a client go no further. */
const relevant = ["content-type", "accept", "x-apollo-operation-name", "apollo-require-preflight"];

function relevantHeaders(request: IncomingMessage): HTTPGraphQLRequest["headers"] {
  const headers = new HeaderMap();
  for (const name of relevant) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  return headers;
}

function signalOf(response: ServerResponse): AbortSignal {
  const departure = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) departure.abort();
  });
  return departure.signal;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? "JSON" : "UTF-8";
    throw badRequest(`The request's body is not valid ${reason}.`);
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof BodyTooLarge) {
    const message = "The request's body is too large.";
    sendError(response, 413, new GraphQLError(message, { extensions: { code: "PAYLOAD_TOO_LARGE" } }));
  } else if (error instanceof TooManyBodies) sendError(response, 503, tooBusy());
  else if (error instanceof GraphQLError) sendError(response, statusOf(error, 400), error);
  else response.destroy();
}

/** Any web page may send requests: the caller's token stands in a header that no browser sends by itself. */
function allowOtherOrigins(response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", "x-request-id, retry-after");
  // An answer is for its caller, and of this moment.
  response.setHeader("cache-control", "no-store");
}

const allowed = "GET, POST, OPTIONS";
const headerNames = /^[\w!#$%&'*+.^`|~-]+(, *[\w!#$%&'*+.^`|~-]+)*$/;
const usualHeaders =
  "content-type, authorization, x-request-id, x-apollo-operation-name, apollo-require-preflight";

/** Allows the headers that a page asks for: clients add their own, and the gateway reads those alone that it knows. */
function preflight(request: IncomingMessage): Record<string, string> {
  const { "access-control-request-headers": asked = "" } = request.headers;
  return {
    "access-control-allow-methods": allowed,
    "access-control-allow-headers": headerNames.test(asked) ? asked : usualHeaders,
    "access-control-max-age": "86400",
    vary: "access-control-request-headers",
  };
}
