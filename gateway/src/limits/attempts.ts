import {
  getArgumentValues,
  Kind,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { Fragments } from "../graph/fragments-of.ts";
import { throttledFields, type Attempt } from "./throttle.ts";

/** The fields that an operation carries out at its root: one for each name in the answer, fragments looked through. */
export function rootFields(operation: OperationDefinitionNode, fragments: Fragments): FieldNode[] {
  const fields = new Map<string, FieldNode>();
  const seen = new Set<string>();
  collect(operation.selectionSet);
  return [...fields.values()];

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.set((selection.alias ?? selection.name).value, selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment) collect(fragment.selectionSet);
      }
    }
  }
}

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
