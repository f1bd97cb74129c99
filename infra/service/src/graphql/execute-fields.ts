import {
  isNonNullType,
  locatedError,
  type FieldNode,
  type GraphQLError,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
} from "graphql";

export type Data = Record<string, unknown>;
export type Path = GraphQLResolveInfo["path"];

/** The context that all fields of one execution share. */
export type Run = {
  context: unknown;
  variables: Record<string, unknown>;
  errors: GraphQLError[];
  /** Paths that an error made null: further errors at or below them are not reported. */
  nulled: Set<Path | undefined>;
};

/** Turns a resolver's value into the answer's (CompleteValue of the GraphQL specification). Throws for null in a non-null type. */
export type Complete = (
  run: Run,
  value: unknown,
  path: Path,
  info: GraphQLResolveInfo | undefined,
) => unknown;

/** Handles the error of a field: null in its place, or rethrown to its parent. */
export type Fail = (run: Run, thrown: unknown, path: Path) => null;

/** A field of an object: its name in the answer, and how it gets its value. */
export type Field = {
  key: string;
  execute: (run: Run, source: unknown, parent: Path | undefined) => unknown;
};

/** Executes an object's fields side by side; a promise only where one of them is. */
export function executeAll(
  run: Run,
  fields: readonly Field[],
  source: unknown,
  path: Path | undefined,
): Data | Promise<Data> {
  const answer: Data = {};
  let waiting: string[] | undefined;
  try {
    for (const { key, execute } of fields) {
      const value = execute(run, source, path);
      answer[key] = value;
      if (isPromise(value)) (waiting ??= []).push(key);
    }
  } catch (error) {
    if (!waiting) throw error;
    return settled(answer, waiting).finally(() => {
      throw error;
    });
  }
  return waiting ? settled(answer, waiting) : answer;
}

async function settled(answer: Data, waiting: readonly string[]): Promise<Data> {
  const values = await Promise.all(waiting.map((key) => answer[key]));
  for (const [at, key] of waiting.entries()) answer[key] = values[at];
  return answer;
}

/** Completes a value; waits only where it is a promise. */
export function completed(
  run: Run,
  value: unknown,
  path: Path,
  info: GraphQLResolveInfo | undefined,
  complete: Complete,
  fail: Fail,
): unknown {
  const whole = isPromise(value)
    ? value.then((settled) => complete(run, settled, path, info))
    : complete(run, value, path, info);
  return isPromise(whole) ? whole.then(undefined, (thrown: unknown) => fail(run, thrown, path)) : whole;
}

/** Nulls the field, or rethrows to the parent when the type is non-null (GraphQL specification, 6.4.4). */
export function failureOf(type: GraphQLOutputType, nodes: readonly FieldNode[]): Fail {
  return (run, thrown, path) => {
    const error = locatedError(thrown, nodes, keysOf(path));
    if (isNonNullType(type)) throw error;
    note(run, error, path);
    return null;
  };
}

/** Adds an error to the answer, unless its path lies within one that another error made null. */
export function note(run: Run, error: GraphQLError, path: Path | undefined): void {
  for (let at = path; at; at = at.prev) if (run.nulled.has(at)) return;
  if (run.nulled.has(undefined)) return;
  run.nulled.add(path);
  run.errors.push(error);
}

function keysOf(path: Path | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at = path; at; at = at.prev) keys.unshift(at.key);
  return keys;
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
