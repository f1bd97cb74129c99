import { InvalidMoney, InvalidPage } from "@shop/values";
import { GraphQLError } from "graphql";
import { isStoreFailure } from "../postgres/guarded-transaction.ts";
import type { ErrorCodeName } from "../runtime/errors.ts";

type CallerError = { error: GraphQLError; isFault: boolean };

/** Turns a thrown error into one that the caller may read; an unexpected one becomes INTERNAL_SERVER_ERROR. */
export function toCallerError(error: GraphQLError): CallerError {
  const { originalError: cause, extensions, nodes = null, path = null } = error;
  const coded = (
    code: ErrorCodeName | "INTERNAL_SERVER_ERROR",
    message: string,
    isFault: boolean,
    more: object = {},
  ): CallerError => ({
    error: new GraphQLError(message, { nodes, path, extensions: { ...more, code } }),
    isFault,
  });
  if (cause instanceof InvalidPage)
    return coded("BAD_USER_INPUT", cause.message, false, { field: [cause.argument] });
  if (cause instanceof InvalidMoney) return coded("BAD_USER_INPUT", cause.message, false);
  const code = extensions["code"];
  if (typeof code === "string") return { error, isFault: code === "INTERNAL_SERVER_ERROR" };
  if (!cause || cause instanceof GraphQLError)
    return coded("BAD_USER_INPUT", error.message, false, extensions);
  if (isStoreFailure(cause))
    return coded("SERVICE_UNAVAILABLE", "A store of the shop does not answer now. Try again.", true);
  return coded("INTERNAL_SERVER_ERROR", "Something went wrong on our side.", true);
}
