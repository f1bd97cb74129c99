import { Kind, type FieldNode, type OperationDefinitionNode, type SelectionSetNode } from "graphql";
import type { Fragments } from "./fragments-of.ts";

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
