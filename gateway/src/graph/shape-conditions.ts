import { Kind, visit, type OperationDefinitionNode } from "graphql";
import type { Fragments } from "./fragments-of.ts";

/** The variables of @include and @skip; undefined for an operation that can't be compiled. */
export function conditionsOf(operation: OperationDefinitionNode, fragments: Fragments): string[] | undefined {
  const names = new Set<string>();
  let isPlain = true;
  for (const root of [operation, ...Object.values(fragments)]) {
    visit(root, {
      Field({ name, alias }) {
        if (name.value === "__schema" || name.value === "__type") isPlain = false;
        if ((alias ?? name).value in Object.prototype) isPlain = false;
        if (alias?.value === "__typename" && name.value !== "__typename") isPlain = false;
      },
      Directive({ name, arguments: given = [] }) {
        if (name.value !== "include" && name.value !== "skip") return;
        for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
    });
  }
  return isPlain ? [...names] : undefined;
}

/** The defaults of boolean variables. */
export function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Map<string, boolean> {
  return new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }): [string, boolean][] =>
      defaultValue?.kind === Kind.BOOLEAN ? [[variable.name.value, defaultValue.value]] : [],
    ),
  );
}

/** The names of the conditions that are true. A compiled shape keeps them alone, not the first caller's variables. */
export function trueConditions(
  conditions: string[],
  defaults: Map<string, boolean>,
  variables: Record<string, unknown> | undefined,
): ReadonlySet<string> {
  if (conditions.length === 0) return none;
  const given = new Map(Object.entries(variables ?? {}));
  return new Set(conditions.filter((name) => (given.has(name) ? given : defaults).get(name) === true));
}

const none: ReadonlySet<string> = new Set();
