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
 * A validation rule: a subscription's one root field has no @skip or @include (GraphQL specification, September 2025,
 * "Single Root Field"). graphql-js 16 evaluates such a condition without the variables and throws, so this rule removes the
 * definitions before graphql-js visits them.
 */
export function subscriptionRootRule(context: ValidationContext): ASTVisitor {
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
