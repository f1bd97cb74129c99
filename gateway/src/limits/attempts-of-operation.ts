import { getArgumentValues, type FieldNode, type GraphQLSchema } from "graphql";
import { normalEmail } from "@shop/values";
import type { Fragments } from "../graph/fragments-of.ts";
import { rootFields } from "../graph/root-fields.ts";
import type { Caller } from "../identity/caller.ts";
import { throttledFields } from "./attempt-rates.ts";
import type { Attempt } from "./attempt-throttle.ts";

/** An attempt, and the field of the operation that makes it. */
export interface ThrottledAttempt {
  attempt: Attempt;
  node: FieldNode;
}

/** The attempts of an operation that are counted before it is executed. */
export function throttledAttempts(
  schema: GraphQLSchema,
  fields: FieldNode[],
  variables: Record<string, unknown>,
  { caller, ip }: { caller: Caller; ip: string },
): ThrottledAttempt[] {
  const { userId, sid } = caller.kind === "user" ? caller : {};
  return fields
    .filter(({ name }) => throttledFields.has(name.value))
    .map((node) => {
      const email = emailIn(schema, node, variables);
      const attempt: Attempt = {
        field: node.name.value,
        ip,
        ...(email !== undefined && { email }),
        ...(userId !== undefined && { userId, session: sid ?? userId }),
      };
      return { node, attempt };
    });
}

/**
 * Whether the attempt succeeded: account signed the caller in, or the answer has the session. Two attempts at one account in
 * one operation both succeed if one does: a caller who knows the password gains nothing by that.
 */
export function hasSucceeded(
  { attempt, node }: ThrottledAttempt,
  fragments: Fragments,
  data: object,
  signedIn: readonly Caller[],
): boolean {
  const isOfAttempt = (caller: Caller) =>
    caller.kind === "user" &&
    (attempt.field === "passwordChange"
      ? caller.userId === attempt.userId
      : attempt.email !== undefined && caller.email === attempt.email);
  return signedIn.some(isOfAttempt) || hasSession(node, fragments, data);
}

/** Whether the answer has the field `session` itself, under any alias. */
function hasSession(node: FieldNode, fragments: Fragments, data: object): boolean {
  const payload = valueIn(data, node);
  return rootFields(node, fragments).some(
    (field) => field.name.value === "session" && (valueIn(Object(payload) as object, field) ?? null) !== null,
  );
}

function valueIn(data: object, { alias, name }: FieldNode): unknown {
  return Object.getOwnPropertyDescriptor(data, (alias ?? name).value)?.value;
}

function emailIn(
  schema: GraphQLSchema,
  node: FieldNode,
  variables: Record<string, unknown>,
): string | undefined {
  const field = schema.getMutationType()?.getFields()[node.name.value];
  if (!field) return undefined;
  try {
    const { input } = getArgumentValues(field, node, variables);
    if (typeof input !== "object" || input === null || !("email" in input)) return undefined;
    return typeof input.email === "string" ? normalEmail(input.email) : undefined;
  } catch {
    return undefined; // Wrong arguments are refused with their reason when the operation is executed.
  }
}
