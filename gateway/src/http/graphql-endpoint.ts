import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import { GraphQLError } from "graphql";
import { badRequest, tooBusy } from "../errors/coded-errors.ts";
import { isStaff } from "../identity/caller.ts";
import { requestPoints, type ChargeCost } from "../limits/charge-cost.ts";
import type { VerifyToken } from "../identity/verify-token.ts";
import { newRequestId } from "../errors/mask-errors.ts";
import type { Metrics } from "../metrics.ts";
import type { RequestContext } from "../request-context.ts";
import { sendRefusal } from "./send-response.ts";
import { clientAddress } from "./client-address.ts";
import { BodiesInFlight } from "../limits/request-body-quota.ts";
import { BodyTooLarge, readBody, TooManyBodies } from "./read-body.ts";

const maxBytes = 256 * 1024;
/** Staff load catalogues in bulk. */
const maxStaffBytes = 4 * 1024 * 1024;

export interface EndpointParts {
  server: ApolloServer<RequestContext>;
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
  verify,
  metrics,
  charge,
  trustedProxies,
}: EndpointParts): HttpEndpoint {
  const timer = metrics.requestSeconds.labels("http");
  const bodies = new BodiesInFlight();

  return async (request, response, search) => {
    const startedAt = performance.now();
    allowOtherOrigins(response);
    if (request.method === "OPTIONS") {
      response.writeHead(204, preflight).end();
      return;
    }
    if (request.method !== "GET" && request.method !== "POST") {
      response.setHeader("allow", allowed);
      const message = `Expected ${allowed}, got ${request.method}.`;
      sendRefusal(response, 405, new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } }));
      return;
    }
    const { caller, refusal } = await verify(request.headers.authorization);
    const context: RequestContext = {
      caller,
      refusal,
      ip: clientAddress(request, trustedProxies),
      requestId: newRequestId(),
      signal: signalOf(response),
    };
    response.setHeader("x-request-id", context.requestId);
    let body: unknown;
    try {
      const counted = charge && !isStaff(caller) ? context.ip : undefined;
      const bytes =
        request.method === "POST"
          ? await readBody(
              request,
              isStaff(caller) ? maxStaffBytes : maxBytes,
              bodies.hold(response, counted),
            )
          : undefined;
      await charge?.(requestPoints(bytes?.length ?? search.length), context);
      if (bytes) body = parse(bytes);
    } catch (error) {
      refuse(response, error);
      return;
    }
    const answer = await server
      .executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method ?? "", headers: relevantHeaders(request), search, body },
        context: async () => context,
      })
      // Plugins are told of each answer, and not of each fault.
      .finally(() => context.leave?.());
    if (answer.body.kind !== "complete") throw new Error("Answers in parts (@defer) are not served");
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.setHeader("content-length", Buffer.byteLength(answer.body.string));
    response.writeHead(answer.status ?? 200).end(answer.body.string);
    timer.observe((performance.now() - startedAt) / 1000);
  };
}

/** What the server looks at; the rest of a client's headers goes nowhere, to subgraphs least of all. */
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
    sendRefusal(response, 413, new GraphQLError(message, { extensions: { code: "PAYLOAD_TOO_LARGE" } }));
  } else if (error instanceof TooManyBodies) sendRefusal(response, 503, tooBusy());
  else if (error instanceof GraphQLError) sendRefusal(response, statusOf(error), error);
  else response.destroy();
}

function statusOf({ extensions: { http } }: GraphQLError): number {
  return typeof http === "object" && http !== null && "status" in http ? Number(http.status) : 400;
}

/** Any web page may ask: who is asking stands in a header that no browser sends by itself. */
function allowOtherOrigins(response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", "x-request-id, retry-after");
}

const allowed = "GET, POST, OPTIONS";
const preflight = {
  "access-control-allow-methods": allowed,
  "access-control-allow-headers":
    "content-type, authorization, x-apollo-operation-name, apollo-require-preflight",
  "access-control-max-age": "86400",
};
