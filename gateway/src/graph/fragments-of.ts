import { Kind, type DocumentNode, type FragmentDefinitionNode } from "graphql";

export type Fragments = Record<string, FragmentDefinitionNode>;

/** A document's fragments by name; a name such as `__proto__` is an ordinary one. */
export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  return Object.fromEntries(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
}
