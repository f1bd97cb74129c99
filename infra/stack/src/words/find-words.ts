import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { repository } from "../repository.ts";
import { rules, type Rule } from "./rules.ts";

/** Where a word stands: line 1 is the first of the file, line 0 its name. */
export type Place = { file: string; line: number; word: string };

/** All places of the words in the repository's comments, identifiers, file names, SQL, schemas and pages. */
export function findWords(root = repository): Place[] {
  return ["gateway", "subgraphs", "schema", "infra", "."].flatMap((folder) =>
    filesIn(root, folder).flatMap((file) => {
      const text = readFileSync(path.join(root, file), "utf8");
      return placesIn(file, text).map((place) => ({ file, ...place }));
    }),
  );
}

/** The places in one file. Strings in quotes don't count: they are what the shop says, or the names of tests. */
export function placesIn(file: string, text: string): { line: number; word: string }[] {
  const prose = `${path.basename(file)}\n${file.endsWith(".ts") ? withoutStrings(text) : text}`;
  // The parts of an identifier become words; limits (`mostTries`) are looked for in the identifier as it is.
  const parts = prose.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|_/g, " ");
  return rules.flatMap((rule) =>
    [...(isOfIdentifiers(rule) ? prose : parts).matchAll(expressionOf(rule))].map(({ index, input }) => ({
      ...{ line: input.slice(0, index).split("\n").length - 1, word: rule.word },
    })),
  );
}

const isOfIdentifiers = ({ pattern }: Rule) => pattern.includes("(?=[A-Z])");

function expressionOf(rule: Rule): RegExp {
  return isOfIdentifiers(rule)
    ? new RegExp(`\\b${rule.pattern}`, "g")
    : new RegExp(`\\b(?:${rule.pattern})\\b`, "gi");
}

/** Templates stay, because SQL stands in them. */
function withoutStrings(code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"/g, (found) =>
    found.startsWith('"') ? '""' : found,
  );
}

const written = /\.(ts|md|sql|graphql)$/;
const isLeftOut = (name: string) => name.startsWith(".") || name === "node_modules" || name === "generated";
/** The contract is an agreement with clients; the others are composed of schemas that are counted. */
const notOurs = new Set(["api.graphql", "supergraph.graphql", "contract.graphql"]);
/** The rules name the words that they refuse. */
const ownFolder = "infra/stack/src/words";

function filesIn(root: string, folder: string): string[] {
  const isTop = folder === ".";
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !isLeftOut(name) && !notOurs.has(name))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .flatMap((entry) => {
      const file = isTop ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return isTop || file === ownFolder ? [] : filesIn(root, file);
      return written.test(entry.name) ? [file] : [];
    });
}
