import { isText } from "@shop/values";
import { GraphQLError, type ValidationContext, type ASTVisitor } from "graphql";
import { badUserInput } from "../coded-errors.ts";

const reason = "it has the character NUL, or half of a surrogate pair";

/** No literal of a document may hold text that no store takes: refused here once, instead of failing in each subgraph. */
export function storableLiterals(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isText(node.value))
        context.reportError(new GraphQLError(`This text can't be kept: ${reason}.`, { nodes: node }));
    },
  };
}

/** The same for variables. Throws BAD_USER_INPUT that names the variable and the way to the text. */
export function refuseUnstorable(variables: Record<string, unknown>): void {
  // A list of its own instead of recursion: a body may be nested deeper than the call stack is.
  const left: { value: unknown; path: string }[] = [{ value: variables, path: "" }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, path } = next;
    if (typeof value === "string") {
      if (isText(value)) continue;
      const place = `"$${path.slice(1, 101)}"`;
      throw badUserInput(new GraphQLError(`Variable ${place} can't be kept: ${reason}.`));
    }
    if (typeof value !== "object" || value === null) continue;
    for (const name of Object.keys(value)) {
      const inner: unknown = Reflect.get(value, name);
      if (typeof inner === "string" ? !isText(inner) : typeof inner === "object")
        left.push({ value: inner, path: path.length > 100 ? path : `${path}.${name}` });
    }
  }
}
