import { getArgumentValues, type FieldNode, type GraphQLSchema } from "graphql";
import type { Fragments } from "../graph/fragments-of.ts";
import { rootFields } from "../graph/root-fields.ts";
import { throttledFields, type Attempt } from "./throttle.ts";

/** An attempt, and the field of the operation that makes it. */
export interface AskedAttempt {
  attempt: Attempt;
  node: FieldNode;
}

/** The attempts at signing in that an operation makes. */
export function attemptsIn(
  schema: GraphQLSchema,
  fields: FieldNode[],
  variables: Record<string, unknown>,
  ip: string,
): AskedAttempt[] {
  return fields
    .filter(({ name }) => throttledFields.has(name.value))
    .map((node) => {
      const attempt: Attempt = { field: node.name.value, ip };
      const email = emailIn(schema, node, variables);
      return { node, attempt: email === undefined ? attempt : { ...attempt, email } };
    });
}

/** Whether the answer has the session that was asked for: the field itself, whatever an alias calls others. */
export function hasSession(node: FieldNode, fragments: Fragments, data: object): boolean {
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
    return typeof input.email === "string" ? input.email.trim().toLowerCase() : undefined;
  } catch {
    return undefined; // Wrong arguments: refused with their reason when the operation is carried out.
  }
}
