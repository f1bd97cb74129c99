import type { ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";

export function sendText(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, "application/json; charset=utf-8", `${JSON.stringify(body)}\n`);
}

/** Answers a request that did not become a GraphQL operation, in the form of a GraphQL answer. */
export function sendError(response: ServerResponse, status: number, error: GraphQLError): void {
  const { http: _http, ...extensions } = error.extensions;
  if (typeof extensions["retryAfterSeconds"] === "number")
    response.setHeader("retry-after", extensions["retryAfterSeconds"]);
  sendJson(response, status, { errors: [{ message: error.message, extensions }] });
}
