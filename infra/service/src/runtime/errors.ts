import type { PublicErrorCode } from "@shop/values";
import { GraphQLError } from "graphql";

/** The code of a GraphQL error: one for clients, or the gateway's alone when its identity doesn't vouch for the request. */
export type ErrorCodeName = PublicErrorCode | "UNAUTHENTICATED_CALLER";

/** A GraphQL error with a code that the caller may read. */
export function codedError(
  code: ErrorCodeName,
  message: string,
  more?: Record<string, unknown>,
): GraphQLError {
  return new GraphQLError(message, { extensions: { ...more, code } });
}

export const unauthenticated = () =>
  codedError(
    "UNAUTHENTICATED",
    "Sign in first: send `authorization: Bearer <accessToken>` as a header, or over a WebSocket in connection_init.",
  );

/** The caller is signed in and may not do this. */
export const forbidden = (needs: string) => codedError("FORBIDDEN", `This needs the role ${needs}.`);

/** The entity doesn't exist, or the caller may not see it. A field that may be null, or has `userErrors`, answers with those instead. */
export const notFound = (message: string, field?: readonly string[]) =>
  codedError("NOT_FOUND", message, field ? { field } : undefined);

/** The request is invalid; `field` is the path of the argument at fault. */
export const badInput = (message: string, field?: readonly string[]) =>
  codedError("BAD_USER_INPUT", message, field ? { field } : undefined);

/** A part of the shop does not answer now; trying again later may help. */
export const unavailable = (message: string) => codedError("SERVICE_UNAVAILABLE", message);
