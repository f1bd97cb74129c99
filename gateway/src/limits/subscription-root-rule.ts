import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";
import { fragmentsOf, type Fragments } from "../graph/fragments-of.ts";

/**
 * A subscription's one root field may not come and go with a variable (GraphQL specification, September 2025, "Single
 * Root Field"). graphql-js 16 looks at such a condition without the variables, and throws: the rest of the document is
 * taken out of its way.
 */
export function unconditionalSubscriptions(context: ValidationContext): ASTVisitor {
  return {
    Document(node: DocumentNode) {
      const fragments = fragmentsOf(node);
      const wrong = node.definitions.filter(
        (definition) =>
          definition.kind === Kind.OPERATION_DEFINITION &&
          definition.operation === "subscription" &&
          isConditional(definition.selectionSet, fragments, new Set()),
      );
      if (wrong.length === 0) return undefined;
      const message = "The root field of a subscription can't have @skip or @include.";
      context.reportError(new GraphQLError(message, { nodes: wrong }));
      return { ...node, definitions: [] };
    },
  };
}

function isConditional(set: SelectionSetNode, fragments: Fragments, seen: Set<string>): boolean {
  return set.selections.some((selection) => {
    if (selection.directives?.some(({ name }) => /^(skip|include)$/.test(name.value))) return true;
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return isConditional(selection.selectionSet, fragments, seen);
    if (selection.kind === Kind.FIELD || seen.has(selection.name.value)) return false;
    seen.add(selection.name.value);
    const fragment = fragments[selection.name.value];
    return fragment !== undefined && isConditional(fragment.selectionSet, fragments, seen);
  });
}
