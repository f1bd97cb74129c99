import { getArgumentValues, type FieldNode, type GraphQLSchema } from "graphql";
import { throttledFields, type Attempt } from "./throttle.ts";

/** The attempts at signing in that an operation makes. */
export function attemptsIn(
  schema: GraphQLSchema,
  fields: FieldNode[],
  variables: Record<string, unknown>,
  ip: string,
): Attempt[] {
  return fields
    .filter(({ name }) => throttledFields.has(name.value))
    .map((node) => {
      const attempt: Attempt = { field: node.name.value, ip };
      const email = emailIn(schema, node, variables);
      return email === undefined ? attempt : { ...attempt, email };
    });
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
