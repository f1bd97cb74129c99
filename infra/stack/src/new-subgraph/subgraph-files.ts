import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** The files of a new subgraph, by their path in its folder: those of the template with its name, and versions, in them. */
export function subgraphFiles(
  name: string,
  versions: { graphql: string; "drizzle-orm": string },
): Map<string, string> {
  const named = (text: string): string =>
    text
      .replaceAll("__name__", name)
      .replaceAll("__graphql__", versions.graphql)
      .replaceAll("__drizzle__", versions["drizzle-orm"]);
  const files = globSync("**/*.txt", { cwd: template });
  return new Map(
    files.map((file) => [
      named(file.replace(/\.txt$/, "")),
      named(readFileSync(path.join(template, file), "utf8")),
    ]),
  );
}

const template = path.join(import.meta.dirname, "../../template");
