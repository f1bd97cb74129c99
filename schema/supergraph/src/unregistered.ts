/** The differences between the folders in `subgraphs/` and the registered names, a sentence each. */
export function unregistered(folders: readonly string[], names: readonly string[]): string[] {
  return [
    ...folders
      .filter((folder) => !names.includes(folder))
      .map(
        (folder) =>
          `subgraphs/${folder} is not registered: add "${folder}" to schema/values/src/service-names.ts and infra/stack/src/topology.ts, or remove the folder (\`npm run new:subgraph <name>\` makes a registered one).`,
      ),
    ...names
      .filter((name) => !folders.includes(name))
      .map(
        (name) =>
          `schema/values/src/service-names.ts names "${name}", and there is no folder subgraphs/${name}.`,
      ),
  ];
}
