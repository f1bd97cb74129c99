import { Kind, type FieldNode, type SelectionSetNode } from "graphql";
import type { Fragments } from "./fragments-of.ts";

/** The fields right below an operation or field, those in fragments included: one for each name in the answer, with all its selections. */
export function rootFields(
  { selectionSet }: { readonly selectionSet?: SelectionSetNode | undefined },
  fragments: Fragments,
): FieldNode[] {
  const fields = new Map<string, FieldNode>();
  const seen = new Set<string>();
  if (selectionSet) collect(selectionSet);
  return [...fields.values()];

  function add(field: FieldNode): void {
    const key = (field.alias ?? field.name).value;
    const { selectionSet: before } = fields.get(key) ?? {};
    const { selectionSet: more } = field;
    const both = before && more && { ...more, selections: [...before.selections, ...more.selections] };
    fields.set(key, both ? { ...field, selectionSet: both } : field);
  }

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) add(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment) collect(fragment.selectionSet);
      }
    }
  }
}
