import { InvalidMoney, InvalidPage, type PublicErrorCode } from "@shop/values";
import { GraphQLError } from "graphql";
import { isStoreFailure } from "../postgres/guarded-transaction.ts";

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

/** Turns a thrown error into one that the caller may read; an unexpected one becomes INTERNAL_SERVER_ERROR. */
export function toCallerError(error: GraphQLError): { error: GraphQLError; isFault: boolean } {
  const cause = error.originalError;
  const place = { nodes: error.nodes ?? null, path: error.path ?? null };
  if (cause instanceof InvalidPage) {
    const extensions = { code: "BAD_USER_INPUT", field: [cause.argument] };
    return { error: new GraphQLError(cause.message, { ...place, extensions }), isFault: false };
  }
  if (cause instanceof InvalidMoney) {
    return {
      error: new GraphQLError(cause.message, { ...place, extensions: { code: "BAD_USER_INPUT" } }),
      isFault: false,
    };
  }
  const code = error.extensions["code"];
  if (typeof code === "string") return { error, isFault: code === "INTERNAL_SERVER_ERROR" };
  if (!cause || cause instanceof GraphQLError) {
    const extensions = { ...error.extensions, code: "BAD_USER_INPUT" };
    return { error: new GraphQLError(error.message, { ...place, extensions }), isFault: false };
  }
  if (isStoreFailure(cause)) {
    const { message, extensions } = unavailable("A store of the shop does not answer now. Try again.");
    return { error: new GraphQLError(message, { ...place, extensions }), isFault: true };
  }
  const extensions = { code: "INTERNAL_SERVER_ERROR" };
  return {
    error: new GraphQLError("Something went wrong on our side.", { ...place, extensions }),
    isFault: true,
  };
}
