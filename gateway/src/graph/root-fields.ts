import { Kind, type FieldNode, type SelectionSetNode } from "graphql";
import type { Fragments } from "./fragments-of.ts";

/** The fields right below an operation or field: one for each name in the answer, fragments looked through. */
export function rootFields(
  { selectionSet }: { readonly selectionSet?: SelectionSetNode | undefined },
  fragments: Fragments,
): FieldNode[] {
  const fields = new Map<string, FieldNode>();
  const seen = new Set<string>();
  if (selectionSet) collect(selectionSet);
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
