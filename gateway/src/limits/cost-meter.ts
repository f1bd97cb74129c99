import { Kind, visit, type FieldNode, type ValueNode } from "graphql";
import { listEntries, measureOperation, type CostInput, type OperationCost } from "./operation-cost.ts";

/** Measures one operation for the variables of a request. */
export type CostMeter = (variables: Record<string, unknown>) => OperationCost;

/**
 * Measures what no variable changes once for each document. What is left of a mutation are the entries of the lists in its
 * variables; what a variable can change otherwise, such as the size of a page, is measured anew for each request.
 */
export function costMeter(input: Omit<CostInput, "variables">): CostMeter {
  const { operation } = input;
  const costWith = (value: number) => {
    const names = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
    return measureOperation({
      ...input,
      variables: Object.fromEntries(names.map((name) => [name, value])),
    });
  };
  const fixed = costWith(1);
  const written = operation.operation === "mutation" ? writtenVariables(input) : [];
  if (!written || fixed.objects !== costWith(2).objects)
    return (variables) => measureOperation({ ...input, variables });
  const { objects, points } = fixed;
  return (variables) => ({
    objects,
    points: written.reduce((sum, { name, uses }) => sum + uses * listEntries(variables[name]), points),
  });
}

/** The variables whose lists a mutation writes, and how often; undefined where they are not simply its fields' arguments. */
function writtenVariables({
  operation,
}: Pick<CostInput, "operation">): { name: string; uses: number }[] | undefined {
  if (operation.variableDefinitions?.some(({ defaultValue }) => defaultValue)) return undefined;
  const usesOf = new Map<string, number>();
  for (const field of operation.selectionSet.selections) {
    if (field.kind !== Kind.FIELD) return undefined;
    for (const value of valuesOf(field)) {
      if (value.kind === Kind.VARIABLE) usesOf.set(value.name.value, (usesOf.get(value.name.value) ?? 0) + 1);
      else if (hasVariable(value)) return undefined;
    }
  }
  return [...usesOf].map(([name, uses]) => ({ name, uses }));
}

const valuesOf = ({ arguments: given = [] }: FieldNode): ValueNode[] => given.map(({ value }) => value);

function hasVariable(value: ValueNode): boolean {
  let found = false;
  visit(value, { Variable: () => void (found = true) });
  return found;
}
