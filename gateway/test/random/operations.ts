import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";

/** Alias names that collide with keys, required fields, and names of the planner and of JavaScript. */
const meanAliases = [
  ...["id", "sku", "weightGrams", "subtotal", "amount", "currency", "proof", "__typename", "_entities"],
  ...["alias_0", "alias_1", "id__alias_0", "alias_0__alias_0", "__proto__", "constructor", "toString"],
  ...["order", "user", "cart", "data", "errors", "resumeCursor", "title", "a"],
];

export const madeUpVariables = {
  yes: true,
  no: false,
  representations: "x",
  resumeAfter: "y",
  renamed_0: "z",
};

/** Seeded random numbers from 0 to 1. */
export function chances(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** A random operation, in which most fields have a colliding alias. It may be invalid. */
export function madeUpOperation(schema: GraphQLSchema, seed: number): string {
  const random = chances(seed);
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)];
    if (one === undefined) throw new Error("Nothing to pick from");
    return one;
  };
  const variables = new Set<string>();
  const fragments: string[] = [];
  const isMutation = random() < 0.25;
  const type = isMutation ? schema.getMutationType() : schema.getQueryType();
  if (!type) throw new Error("The schema has no such root");
  const body = selections(type, 0, new Set());
  const declared = [...variables].map(
    (name) => `$${name}: ${name === "yes" || name === "no" ? "Boolean!" : "ID!"}`,
  );
  const head = declared.length > 0 ? `(${declared.join(", ")})` : "";
  return `${isMutation ? "mutation" : "query"} Mean${head} ${body}\n${fragments.join("\n")}`;

  function selections(parent: GraphQLCompositeType, depth: number, used: Set<string>): string {
    const parts: string[] = [];
    if (isUnionType(parent))
      for (const member of schema.getPossibleTypes(parent))
        parts.push(
          `... on ${member.name} ${selections(member, depth + 1, new Set([...used, "__typename"]))}`,
        );
    else {
      const all = Object.values(parent.getFields());
      const deep = all.filter(({ type: inner }) => isCompositeType(getNamedType(inner)));
      const count = depth === 0 ? 1 + Math.floor(random() * 2) : 2 + Math.floor(random() * 3);
      for (let n = 0; n < count; n++)
        parts.push(field(deep.length > 0 && random() < 0.5 ? pick(deep) : pick(all), parent, depth, used));
      if (depth > 0 && random() < 0.3) parts.push(group(parent, depth, used));
    }
    if (depth > 0 && random() < 0.2) parts.push(`${nameFor("__typename", parent, used)}__typename`);
    const known = parts.filter((part) => part !== "");
    // A selection that all conditions exclude is not fetched, and its object without fields is null (federation).
    if (!known.some((part) => !/^\.\.\.|^[^{]*@(include|skip)/.test(part)))
      known.push(`unconditional${depth}: __typename`);
    return `{ ${known.join(" ")} }`;
  }

  /** Puts some fields into a fragment, inline or named. */
  function group(parent: GraphQLCompositeType, depth: number, used: Set<string>): string {
    const body = selections(parent, Math.max(depth, 3), used);
    if (random() < 0.5) return `... on ${parent.name}${condition()} ${body}`;
    const name = `Part${fragments.length}`;
    fragments.push(`fragment ${name} on ${parent.name} ${body}`);
    return `...${name}${condition()}`;
  }

  function field(
    one: GraphQLField<unknown, unknown>,
    parent: GraphQLCompositeType,
    depth: number,
    used: Set<string>,
  ): string {
    const inner = getNamedType(one.type);
    if (isCompositeType(inner) && depth > 5) return "";
    const given = one.args.filter(
      (arg) => isRequiredArgument(arg) || (arg.name === "address" && random() < 0.8),
    );
    const args = given.map(({ name, type: needed }) => `${name}: ${literal(needed)}`);
    const head = `${nameFor(one.name, parent, used)}${one.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${condition()}`;
    return isCompositeType(inner) ? `${head} ${selections(inner, depth + 1, new Set())}` : head;
  }

  /** An alias with its colon, or an empty text; each name of an answer is used once. */
  function nameFor(own: string, parent: GraphQLNamedType, used: Set<string>): string {
    const siblings = isObjectType(parent) ? Object.keys(parent.getFields()) : [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const alias =
        random() < 0.35 ? own : random() < 0.5 && siblings.length > 0 ? pick(siblings) : pick(meanAliases);
      if (used.has(alias)) continue;
      used.add(alias);
      return alias === own ? "" : `${alias}: `;
    }
    const alias = `spare${used.size}`;
    used.add(alias);
    return `${alias}: `;
  }

  function condition(): string {
    if (random() > 0.15) return "";
    const name = pick(["yes", "no"]);
    variables.add(name);
    return ` @${pick(["include", "skip"])}(if: $${name})`;
  }

  function literal(type: GraphQLInputType): string {
    if (isNonNullType(type)) return literal(type.ofType);
    if (isListType(type)) return `[${literal(type.ofType)}]`;
    if (isInputObjectType(type)) {
      const needed = Object.values(type.getFields()).filter(isRequiredInputField);
      return `{ ${needed.map((one) => `${one.name}: ${literal(one.type)}`).join(", ")} }`;
    }
    if (isEnumType(type)) return String(type.getValues()[0]?.name);
    if (type.name === "ID" && random() < 0.5) {
      const name = pick(["representations", "resumeAfter", "renamed_0"]);
      variables.add(name);
      return `$${name}`;
    }
    const known: Record<string, string> = {
      Int: "3",
      Float: "1.5",
      Boolean: "true",
      CountryCode: '"DE"',
      CurrencyCode: '"USD"',
      Decimal: '"9.99"',
      DateTime: '"2026-03-01T12:00:00.000Z"',
      URL: '"https://shop.test/"',
    };
    return known[type.name] ?? '"text"';
  }
}
