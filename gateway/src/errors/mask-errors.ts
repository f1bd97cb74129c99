import { gatewayErrorCodes, publicErrorCodes } from "@shop/values";
import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import type { Metrics } from "../metrics.ts";
import { asGraphQLError } from "./coded-errors.ts";

/** Returns an error, of whatever kind it is, as the client may read it. */
export type MaskError = (error: unknown, requestId: string) => GraphQLError;

/**
 * Lets known codes pass. Any other error is logged with its request's id, and the client gets the id alone. A subgraph's
 * error brings its cause, and the id under which its fetch was sent: of a shared read, that of the first request.
 */
export function errorMasker(log: Logger, metrics: Metrics): MaskError {
  return (thrown, requestId) => {
    const error = asGraphQLError(thrown);
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
    const { serviceName: service, cause, requestId: sentAs, ...extensions } = error.extensions;
    const err = error.originalError ?? error;
    log.error(
      { requestId, service, cause, sentAs, err, extensions, path: error.path },
      "an error was masked",
    );
    const message = `Something went wrong on our side. Report this number if it stays: ${requestId}`;
    return new GraphQLError(message, { ...place, extensions: { code: internal, requestId } });
  };
}

const internal = "INTERNAL_SERVER_ERROR";

const isPublic = (code: string): boolean => Object.hasOwn(publicErrorCodes, code);
const isOfGateway = (code: string): boolean => Object.hasOwn(gatewayErrorCodes, code);

function codeOf(error: GraphQLError): string {
  const { code, serviceName, http } = error.extensions;
  // Apollo Server refuses a persisted query whose hash doesn't match its text with a status and no code.
  if (typeof code !== "string")
    return isRefusal(http) && serviceName === undefined ? "BAD_REQUEST" : internal;
  return isPublic(code) || (isOfGateway(code) && serviceName === undefined) ? code : internal;
}

function isRefusal(http: unknown): boolean {
  return typeof http === "object" && http !== null && "status" in http && http.status === 400;
}
