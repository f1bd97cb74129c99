import { readFileSync } from "node:fs";
import { userErrorCodes } from "./error-codes.ts";

/** A subgraph's schema.graphql with the shared types that it names. Throws for an error code that has no meaning. */
export function readSubgraphSchema(file: URL): string {
  return withSharedTypes(readFileSync(file, "utf8"), sharedTypes);
}

/**
 * The schema with the types of `shared` that it names and doesn't define, at its end, so that lines keep their numbers; and
 * with the meaning of each value of its `ErrorCode`. Throws for a type that stands in both, and for a code without a meaning.
 */
export function withSharedTypes(schema: string, shared: ReadonlyMap<string, string>): string {
  const twice = namesDefinedIn(schema).filter((name) => shared.has(name));
  if (twice.length > 0) throw new Error(`defined here, and in shared.graphql too: ${twice.join(", ")}`);
  const added = new Set<string>();
  const addNamed = (text: string): void => {
    for (const [, name = ""] of withoutProse(text).matchAll(namedType)) {
      const type = shared.get(name);
      if (type === undefined || added.has(name)) continue;
      added.add(name);
      addNamed(type);
    }
  };
  addNamed(schema);
  const types = [...shared].filter(([name]) => added.has(name)).map(([, text]) => text);
  return `${[withMeanings(schema).trimEnd(), ...types].join("\n\n")}\n`;
}

/** The definitions of an SDL file by name, each with its description. A blank line stands before each, and in none. */
export function definitionsOf(sdl: string): ReadonlyMap<string, string> {
  const blocks = sdl.trim().split(/\n{2,}/);
  return new Map(blocks.flatMap((block) => namesDefinedIn(block).map((name) => [name, block])));
}

function withMeanings(schema: string): string {
  return schema.replace(/^enum ErrorCode \{([^}]*)\}/m, (_, codes: string) => {
    const values = codes
      .trim()
      .split(/\s+/)
      .map((code) => `  ${JSON.stringify(meaningOf(code))}\n  ${code}\n`);
    return `"What an expected failure is called."\nenum ErrorCode {\n${values.join("")}}`;
  });
}

function meaningOf(code: string): string {
  const meanings: Readonly<Record<string, string>> = userErrorCodes;
  const meaning = meanings[code];
  if (meaning === undefined) throw new Error(`ErrorCode.${code} isn't in schema/values/src/error-codes.ts`);
  return meaning;
}

const namesDefinedIn = (sdl: string): string[] =>
  [...withoutProse(sdl).matchAll(/^(?:scalar|type|interface|union|enum|input) (\w+)/gm)].map(
    ([, name = ""]) => name,
  );

/** The types that a field, an argument or a union names. */
const namedType = /[:=|]\s*\[*(\w+)/g;

/** Descriptions and other strings may have anything in them. */
const withoutProse = (sdl: string): string => sdl.replaceAll(/"""[^]*?"""|"(?:\\.|[^"\\\n])*"|#.*/g, '""');

const sharedTypes = definitionsOf(readFileSync(new URL("../shared.graphql", import.meta.url), "utf8"));
