import { isText } from "@shop/values";
import { GraphQLError, type ValidationContext, type ASTVisitor } from "graphql";
import { badUserInput } from "../errors/coded-errors.ts";

const reason = "it has the character NUL, or half of a surrogate pair";

/** A validation rule: refuses literals with text that no store accepts, which would otherwise fail in each subgraph. */
export function validTextRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isText(node.value))
        context.reportError(new GraphQLError(`This text can't be kept: ${reason}.`, { nodes: node }));
    },
  };
}

/** The deepest input has six levels; with some hundred more, serialising them overflows the stack. */
const maxNesting = 50;

/** Refuses variables with such text, or nested too deep. Throws BAD_USER_INPUT with the variable's path. */
export function refuseInvalidText(variables: Record<string, unknown>): void {
  const left: { value: unknown; path: string; level: number }[] = [{ value: variables, path: "", level: 0 }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, path, level } = next;
    if (level > maxNesting)
      throw badUserInput(new GraphQLError(`Variables may be nested ${maxNesting} levels deep at most.`));
    if (typeof value === "string") {
      if (isText(value)) continue;
      const place = `"$${path.slice(1, 101)}"`;
      throw badUserInput(new GraphQLError(`Variable ${place} can't be kept: ${reason}.`));
    }
    if (typeof value !== "object" || value === null) continue;
    for (const name of Object.keys(value)) {
      const inner: unknown = Reflect.get(value, name);
      if (typeof inner === "string" ? !isText(inner) : typeof inner === "object")
        left.push({ value: inner, path: path.length > 100 ? path : `${path}.${name}`, level: level + 1 });
    }
  }
}
