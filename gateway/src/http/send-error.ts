import type { ServerResponse } from "node:http";
import { sendJson } from "@shop/service/http";
import type { GraphQLError } from "graphql";

/** Answers a request that did not become a GraphQL operation, in the form of a GraphQL answer. */
export function sendError(response: ServerResponse, status: number, error: GraphQLError): void {
  const { http: _http, ...extensions } = error.extensions;
  if (typeof extensions["retryAfterSeconds"] === "number")
    response.setHeader("retry-after", extensions["retryAfterSeconds"]);
  sendJson(response, status, { errors: [{ message: error.message, extensions }] });
}
