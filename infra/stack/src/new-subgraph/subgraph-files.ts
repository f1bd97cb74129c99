import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** The files of a new subgraph, by their path in its folder: those of the template with its name, and the version of graphql, in them. */
export async function subgraphFiles(name: string, graphql: string): Promise<Map<string, string>> {
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const named = (text: string): string =>
          text.replaceAll("__name__", name).replaceAll("__graphql__", graphql);
        return [
          named(path.relative(template, file).replace(/\.txt$/, "")),
          named(await readFile(file, "utf8")),
        ] as const;
      }),
    ),
  );
}

const template = path.join(import.meta.dirname, "../../template");
