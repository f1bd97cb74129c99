import { Kind, parse, valueFromASTUntyped, type DirectiveNode } from "graphql";

/** Points of a mutation whose schema states no `@cost`: its rows stay. */
export const mutationWeight = 10;

/** The points of a field beside those of its objects, by `Type.field`. */
export type FieldWeights = ReadonlyMap<string, number>;

/** Reads the weights from the `@cost` directives of the supergraph's SDL. */
export function fieldWeights(supergraphSdl: string): FieldWeights {
  const weights = new Map<string, number>();
  for (const type of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      const weight = costIn(field.directives);
      if (weight !== undefined) weights.set(`${type.name.value}.${field.name.value}`, weight);
    }
  }
  return weights;
}

function costIn(directives: readonly DirectiveNode[] = []): number | undefined {
  const cost = directives.find(({ name }) => name.value === "cost");
  const argument = cost?.arguments?.find(({ name }) => name.value === "weight");
  const weight: unknown = argument && valueFromASTUntyped(argument.value);
  return typeof weight === "number" ? weight : undefined;
}
