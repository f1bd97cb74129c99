import { readdirSync, readFileSync } from "node:fs";

/** A file of schema/operations: its name without the ending, and its text with the fragments that it spreads. */
export type Operation = { name: string; text: string };

/** All client operations, by name. Throws for a fragment that has no file. */
export function readOperations(): Operation[] {
  return namesIn(folder).map((name) => ({ name, text: readOperation(name) }));
}

/** The text of one operation, such as `order-page`, with the fragments that it spreads. Throws when there is no such file. */
export function readOperation(name: string): string {
  return withFragments(textOf(folder, name), fragments);
}

/** The text of a document, and after it each fragment that it, or one of its fragments, spreads. */
export function withFragments(document: string, texts: ReadonlyMap<string, string>): string {
  const spread = new Set<string>();
  const addSpreads = (text: string): void => {
    for (const [, fragment = ""] of text.matchAll(/\.\.\.(?!on\b)(\w+)/g)) {
      const added = texts.get(fragment);
      if (added === undefined)
        throw new Error(`there is no fragment ${fragment} in schema/operations/fragments`);
      if (spread.has(fragment)) continue;
      spread.add(fragment);
      addSpreads(added);
    }
  };
  addSpreads(document);
  return [document, ...[...spread].map((fragment) => texts.get(fragment))].join("\n");
}

const folder = new URL("../../operations/", import.meta.url);

const textOf = (directory: URL, name: string): string =>
  readFileSync(new URL(`${name}.graphql`, directory), "utf8");

const namesIn = (directory: URL): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(".graphql"))
    .map((file) => file.replace(/\.graphql$/, ""))
    .toSorted();

const fragments = readFragments(new URL("fragments/", folder));

/** By the name of the fragment, which is its file's in another case: `ProductCard` in product-card.graphql. */
function readFragments(directory: URL): ReadonlyMap<string, string> {
  return new Map(
    namesIn(directory).map((file) => {
      const text = textOf(directory, file);
      return [/^fragment (\w+)/m.exec(text)?.[1] ?? file, text];
    }),
  );
}
