import { Kind, type OperationDefinitionNode } from "graphql";
import type { Fragments } from "./fragments-of.ts";
import { conditionsOf } from "./shape-conditions.ts";

/**
 * The operation with nothing to shape. The executor reads it anew for each request, its variables' types included, which it
 * needs for @include and @skip in plans alone.
 */
export function unshapedOperation(
  operation: OperationDefinitionNode,
  fragments: Fragments,
): OperationDefinitionNode {
  const hasConditions = conditionsOf(operation, fragments)?.length !== 0;
  const { kind, operation: type, variableDefinitions = [] } = operation;
  return {
    kind,
    operation: type,
    variableDefinitions: hasConditions ? variableDefinitions : [],
    selectionSet: nothing,
  };
}

const nothing: OperationDefinitionNode["selectionSet"] = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
};
