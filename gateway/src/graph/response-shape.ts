import {
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { LRUCache } from "lru-cache";
import type { Fragments } from "./fragments-of.ts";
import { leafValidator } from "./leaf-validator.ts";
import type { RenamedDocument } from "./rename-aliases.ts";
import { conditionsOf, defaultsOf, trueConditions } from "./shape-conditions.ts";

type Data = Record<string, unknown>;
type Variables = Record<string, unknown> | undefined;

/** The client's part of the fetched data; `missing` says why a value that can't be null is missing. */
export interface Shaped {
  data: Data | null;
  missing?: string;
}

/** Cuts the answer to an operation out of the data of all its fetches. */
export type ResponseShape = (data: Data, variables: Variables) => Shaped;

/** Returns a value as the client gets it; `nullBubble` where a value that can't be null is missing, so that its parent is null. */
type Complete = (value: unknown, missing: string[]) => unknown;

const nullBubble = Symbol("nullBubble");

/** One field of an answer: its name in the fetched data, and in the client's answer. */
interface Part {
  from: string;
  key: string;
  complete: Complete;
}

/** Shapes that are kept of one operation, one for each combination of @include and @skip. */
const maxShapes = 16;

/**
 * Compiles response shaping once for each operation. The executor of @apollo/gateway reads types and conditions again for
 * each value of each answer, which was a quarter of the gateway's work. Undefined for the rare operation that stays with that
 * executor: introspection beside data, and names that every object has already.
 */
export function responseShape(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
  aliases: RenamedDocument["aliases"] = new Map(),
): ResponseShape | undefined {
  const conditions = conditionsOf(operation, fragments);
  const root = schema.getRootType(operation.operation);
  if (!conditions || !root) return undefined;
  const defaults = defaultsOf(operation);
  const compiled = new LRUCache<string, Complete>({ max: maxShapes });
  return (data, variables) => {
    const met = trueConditions(conditions, defaults, variables);
    const key = [...met].join(" ");
    let complete = compiled.get(key);
    if (!complete) {
      complete = new Compiler(schema, fragments, aliases, met).object(root, [operation.selectionSet]);
      compiled.set(key, complete);
    }
    const missing: string[] = [];
    const whole = complete(data, missing) as Data | null;
    return whole === null && missing[0] !== undefined ? { data: null, missing: missing[0] } : { data: whole };
  };
}

/** How many shapes an operation may compile: one for each combination of its conditions, 16 at most. */
export function countShapes(operation: OperationDefinitionNode, fragments: Fragments): number {
  return Math.min(maxShapes, 2 ** (conditionsOf(operation, fragments)?.length ?? 0));
}

class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Fragments;
  readonly #aliases: RenamedDocument["aliases"];
  readonly #met: ReadonlySet<string>;

  constructor(
    schema: GraphQLSchema,
    fragments: Fragments,
    aliases: RenamedDocument["aliases"],
    met: ReadonlySet<string>,
  ) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#aliases = aliases;
    this.#met = met;
  }

  object(declared: GraphQLCompositeType, sets: readonly SelectionSetNode[]): Complete {
    const known = new Map<unknown, Part[]>();
    return (value, missing) => {
      if (value === null || value === undefined) return null;
      if (typeof value !== "object" || Array.isArray(value)) {
        missing.push(`Expected an object of type ${declared.name}`);
        return null;
      }
      const given = value as Data;
      const name = given["__typename"];
      let fields = known.get(name);
      if (!fields) {
        const type = typeof name === "string" ? this.#schema.getType(name) : declared;
        if (!isCompositeType(type) || !this.#isOne(type, declared)) {
          missing.push(`Unexpected type ${String(name)} in the place of ${declared.name}`);
          return null;
        }
        fields = this.#fields(type, sets);
        known.set(name, fields);
      }
      const answer: Data = {};
      for (const { from, key, complete } of fields) {
        const part = complete(given[from], missing);
        if (part === nullBubble) return null;
        // An assignment would set the answer's prototype.
        if (key === "__proto__")
          Object.defineProperty(answer, key, { value: part, enumerable: true, configurable: true });
        else answer[key] = part;
      }
      return answer;
    };
  }

  #fields(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): Part[] {
    const collected = new Map<string, { name: string; sets: SelectionSetNode[] }>();
    const spread = new Set<string>();
    for (const set of sets) this.#collect(type, set, collected, spread);
    return [...collected].map(([from, { name, sets: inner }]): Part => {
      const key = this.#aliases.get(from) ?? from;
      if (name === "__typename")
        return { from, key, complete: () => (isObjectType(type) ? type.name : nullBubble) };
      const field = "getFields" in type ? type.getFields()[name] : undefined;
      if (!field) throw new Error(`${type.name}.${name} passed validation and doesn't exist`);
      return { from, key, complete: this.#value(field.type, inner, `${type.name}.${name}`) };
    });
  }

  #collect(
    type: GraphQLCompositeType,
    { selections }: SelectionSetNode,
    into: Map<string, { name: string; sets: SelectionSetNode[] }>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      if (!this.#isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const entry = into.get(key) ?? { name: selection.name.value, sets: [] };
        into.set(key, entry);
        if (selection.selectionSet) entry.sets.push(selection.selectionSet);
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments[selection.name.value] : selection;
      const condition = fragment?.typeCondition?.name.value;
      if (fragment && this.#applies(condition, type))
        this.#collect(type, fragment.selectionSet, into, spread);
    }
  }

  #isIncluded({ directives = [] }: SelectionNode): boolean {
    return directives.every(({ name, arguments: given }) => {
      if (name.value !== "include" && name.value !== "skip") return true;
      const value = given?.find((argument) => argument.name.value === "if")?.value;
      const isMet =
        value?.kind === Kind.VARIABLE
          ? this.#met.has(value.name.value)
          : value?.kind === Kind.BOOLEAN && value.value;
      return isMet === (name.value === "include");
    });
  }

  #applies(condition: string | undefined, type: GraphQLCompositeType): boolean {
    const wider = condition === undefined ? type : this.#schema.getType(condition);
    return isCompositeType(wider) && this.#isOne(type, wider);
  }

  #isOne(type: GraphQLCompositeType, wider: GraphQLCompositeType): boolean {
    return (
      type === wider || (isAbstractType(wider) && !isUnionType(type) && this.#schema.isSubType(wider, type))
    );
  }

  #value(type: GraphQLOutputType, sets: readonly SelectionSetNode[], place: string): Complete {
    if (isNonNullType(type)) {
      const nullable = this.#value(type.ofType, sets, place);
      return (value, missing) => {
        const whole = nullable(value, missing);
        if (whole !== null) return whole;
        missing.push(`Cannot return null for non-nullable field ${place}`);
        return nullBubble;
      };
    }
    if (isListType(type)) {
      const one = this.#value(type.ofType, sets, place);
      return (value, missing) => {
        if (value === null || value === undefined) return null;
        if (!Array.isArray(value)) {
          missing.push(`Expected a list for field ${place}`);
          return null;
        }
        const list: unknown[] = [];
        for (const each of value) {
          const whole = one(each, missing);
          if (whole === nullBubble) return null;
          list.push(whole);
        }
        return list;
      };
    }
    if (isCompositeType(type)) return this.object(type, sets);
    const isValid = leafValidator(type);
    return (value, missing) => {
      if (value === null || value === undefined) return null;
      if (isValid(value)) return value;
      missing.push(`Invalid value for field ${place}`);
      return null;
    };
  }
}
