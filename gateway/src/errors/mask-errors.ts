import { randomUUID } from "node:crypto";
import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import type { Metrics } from "../metrics.ts";

export type MaskError = (error: GraphQLError, requestId: string) => GraphQLError;

/** What callers may read of an error. Whatever isn't meant for them is logged and replaced by its request's id. */
export function errorMasker(log: Logger, metrics: Metrics): MaskError {
  return (error, requestId) => {
    const code = codeOf(error);
    metrics.errors.labels(code).inc();
    const place = {
      nodes: error.nodes ?? null,
      source: error.source,
      positions: error.positions,
      path: error.path,
    };
    if (code !== internal) {
      const { serviceName: _service, stacktrace: _stack, http: _http, ...open } = error.extensions;
      return new GraphQLError(error.message, { ...place, extensions: { ...open, code } });
    }
    log.error(
      { err: error.originalError ?? error, extensions: error.extensions, path: error.path, requestId },
      "fault",
    );
    const message = `Something went wrong on our side. Tell us this number if it stays: ${requestId}`;
    return new GraphQLError(message, { ...place, extensions: { code: internal, requestId } });
  };
}

export function newRequestId(): string {
  return randomUUID();
}

const internal = "INTERNAL_SERVER_ERROR";

/** Codes that only the gateway may give: from a subgraph they mean that the gateway asked in a wrong way. */
const ours = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "QUERY_TOO_COSTLY",
  "SUBSCRIPTION_INTERRUPTED",
]);

const anybodys = new Set([
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "BAD_USER_INPUT",
  "RATE_LIMITED",
  "SERVICE_UNAVAILABLE",
  "NOT_FOUND",
  "CONFLICT",
  "STALE_VERSION",
  "IDEMPOTENCY_KEY_REUSED",
  "CURRENCY_NOT_SUPPORTED",
  "SHIPPING_UNAVAILABLE",
  "PAYMENT_UNAVAILABLE",
]);

function codeOf(error: GraphQLError): string {
  const { code, serviceName, http } = error.extensions;
  // Apollo Server refuses a persisted query whose hash is another's with a status only.
  if (typeof code !== "string")
    return isRefusal(http) && serviceName === undefined ? "BAD_REQUEST" : internal;
  return anybodys.has(code) || (ours.has(code) && serviceName === undefined) ? code : internal;
}

function isRefusal(http: unknown): boolean {
  return typeof http === "object" && http !== null && "status" in http && http.status === 400;
}
