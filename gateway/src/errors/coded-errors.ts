import { inspect } from "node:util";
import { HeaderMap } from "@apollo/server";
import type { GatewayErrorCode } from "@shop/values";
import { GraphQLError } from "graphql";
// The errors that the gateway itself answers, each with its code, its HTTP status and a sentence for the client.

export function unauthenticated(reason: TokenRefusal): GraphQLError {
  return coded("UNAUTHENTICATED", tokenRefusals[reason], { reason, http: { status: 401 } });
}

/** Why an access token was refused. */
export type TokenRefusal = keyof typeof tokenRefusals;

const tokenRefusals = {
  TOKEN_EXPIRED: "The access token has expired: get a new one with refreshSession.",
  TOKEN_INVALID: "The access token is not valid: log in again, or leave `authorization` out.",
  SESSION_ENDED: "This session has ended: log in again, or leave `authorization` out.",
} as const;

export function rateLimited(field: string, retryAfterSeconds: number): GraphQLError {
  const headers = new HeaderMap([["retry-after", String(retryAfterSeconds)]]);
  return coded("RATE_LIMITED", `Too many attempts at ${field}: try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
    http: { status: 429, headers },
  });
}

export function budgetSpent(cost: { limit: number }, retryAfterSeconds: number): GraphQLError {
  const headers = new HeaderMap([["retry-after", String(retryAfterSeconds)]]);
  const message =
    `The ${cost.limit} points that may be spent in 10 s are spent: try again in ${retryAfterSeconds} s, ` +
    "and ask for fewer objects, or for less in one request.";
  return coded("RATE_LIMITED", message, { retryAfterSeconds, cost, http: { status: 429, headers } });
}

/** The bodies in flight of all clients take all the memory that they may. */
export function tooBusy(): GraphQLError {
  const message = "The shop is too busy to read this request: try again in 1 s.";
  return coded("SERVICE_UNAVAILABLE", message, { retryAfterSeconds: 1, http: { status: 503 } });
}

/** An operation whose document isn't cached waited too long for its turn. */
export function tooManyUncachedDocuments(): GraphQLError {
  const headers = new HeaderMap([["retry-after", "1"]]);
  const message =
    "Too many documents that the shop has not seen before are carried out at once: try again in 1 s, " +
    "and send what differs from one request to the next as variables.";
  return coded("RATE_LIMITED", message, { retryAfterSeconds: 1, http: { status: 429, headers } });
}

export function tooManyOperations(limit: number): GraphQLError {
  const message = `More than ${limit} operations run on this socket: end some first.`;
  return coded("RATE_LIMITED", message, { limit });
}

/** `scope` names what has too many subscriptions, such as "this address". */
export function tooManySubscriptions(scope: string, limit: number): GraphQLError {
  const message = `${limit} subscriptions run for ${scope}, and there may be no more: end some first.`;
  return coded("RATE_LIMITED", message, { limit });
}

/** The documents and variables of subscriptions stay in memory while these run. */
export function subscriptionsTooLarge(scope: string, limit: number): GraphQLError {
  const message =
    `The documents and variables of the subscriptions of ${scope} would take more than ${limit} bytes: ` +
    "use one document for many subscriptions, with variables for what differs, or end some first.";
  return coded("RATE_LIMITED", message, { limit });
}

/** A document that differs from all others has a plan of its own in memory. */
export function tooManyDocuments(scope: string, limit: number): GraphQLError {
  const message =
    `${limit} documents that differ run as subscriptions of ${scope}, and there may be no more: ` +
    "use one document for many subscriptions, with variables for what differs, or end some first.";
  return coded("RATE_LIMITED", message, { limit });
}

export function subscriptionOverHttp(): GraphQLError {
  const message =
    "Subscriptions are served over WebSocket at /graphql (graphql-transport-ws), not over plain HTTP.";
  return coded("BAD_REQUEST", message, { http: { status: 400 } });
}

export function tooCostly(cost: number, limit: number): GraphQLError {
  const message = `This operation could answer with ${cost} objects; ${limit} is the limit. Ask for fewer at once.`;
  return coded("QUERY_TOO_COSTLY", message, { cost, limit, http: { status: 400 } });
}

export function tooManyWrites(writes: number, limit: number): GraphQLError {
  const message = `This operation has ${writes} mutations; ${limit} is the limit. Send the others by themselves.`;
  return coded("QUERY_TOO_COSTLY", message, { writes, limit, http: { status: 400 } });
}

export function badUserInput(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    originalError: error,
    extensions: { code: "BAD_USER_INPUT", http: { status: 400 } },
  });
}

export function badRequest(message: string): GraphQLError {
  return coded("BAD_REQUEST", message, { http: { status: 400 } });
}

export function serviceUnavailable(service: string, mayBeDone = false): GraphQLError {
  const message = mayBeDone
    ? `The ${service} service did not answer, and may have carried this out: send it again with the same idempotencyKey.`
    : `The ${service} service is not available right now.`;
  return coded("SERVICE_UNAVAILABLE", message);
}

export function interrupted(message: string): GraphQLError {
  return coded("SUBSCRIPTION_INTERRUPTED", message);
}

export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const cause = error instanceof Error ? error : new Error(inspect(error));
  return new GraphQLError(cause.message, { originalError: cause });
}

/** The HTTP status that an error asks for. */
export function statusOf({ extensions: { http } }: GraphQLError, otherwise: number): number {
  return typeof http === "object" && http !== null && "status" in http ? Number(http.status) : otherwise;
}

function coded(code: GatewayErrorCode, message: string, more: object = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...more } });
}
