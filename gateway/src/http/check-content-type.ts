import type { IncomingHttpHeaders } from "node:http";
import { badRequest } from "../errors/coded-errors.ts";

/** Headers that a client of the API sets and no browser sends by itself; a script of another site may set them after a preflight alone. */
const ownHeaders = [
  "apollo-require-preflight",
  "graphql-require-preflight",
  "x-apollo-operation-name",
  "apollographql-client-name",
  "authorization",
];

const json = "application/json";
const answerTypes = new Set([json, "application/graphql-response+json", "application/graphql+json"]);

/**
 * Throws for a request that a form, an image or a link of another site could have sent, since these send no preflight. A body
 * must be JSON by its content-type. A query by GET must carry one of these headers, or accept JSON by name, as GraphQL
 * clients do.
 */
export function refuseSimpleRequest(method: string | undefined, headers: IncomingHttpHeaders): void {
  const type = essenceOf(headers["content-type"] ?? "");
  if (method === "POST") {
    if (type === json) return;
    throw badRequest(`Expected a body of the content-type ${json}, got ${type.slice(0, 60) || "none"}.`);
  }
  if (type === json || ownHeaders.some((name) => headers[name])) return;
  if (headers.accept?.split(",").some((accepted) => answerTypes.has(essenceOf(accepted)))) return;
  throw badRequest(
    `A query by GET needs a header that no form or image sends: accept with ${json} or application/graphql-response+json, ` +
      `or one of ${ownHeaders.join(", ")}.`,
  );
}

/** A media type without its parameters. */
function essenceOf(type: string): string {
  return (type.split(";", 1)[0] ?? "").trim().toLowerCase();
}
