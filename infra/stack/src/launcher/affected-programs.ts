import { subgraphNames } from "../topology.ts";

/** The effect of a saved file. */
export type Affected = {
  /** The programs to restart, by their names with --split. */
  programs: readonly string[];
  /** Whether schemas are composed before. */
  shouldCompose: boolean;
};

/** The programs that run a file, by its path from the repository's root with slashes. */
export function affectedPrograms(file: string): Affected {
  const { programs = [], shouldCompose = false } = rules.find(({ files }) => files.test(file)) ?? {};
  const [, subgraph = ""] = file.split("/");
  return { programs: programs === itsSubgraph ? [subgraph] : programs, shouldCompose };
}

const itsSubgraph: readonly string[] = [];
const services: readonly string[] = subgraphNames;

/** The first match counts. */
const rules: { files: RegExp; programs?: readonly string[]; shouldCompose?: boolean }[] = [
  // Tests, and types alone.
  { files: /\.test\.ts$|\/test\/|\/src\/generated\// },
  { files: /^subgraphs\/[^/]+\/schema\.graphql$/, programs: itsSubgraph, shouldCompose: true },
  {
    files: /^schema\/values\/(shared\.graphql|src\/error-codes\.ts)$/,
    programs: services,
    shouldCompose: true,
  },
  { files: /^subgraphs\/[^/]+\/resolver-type-mappers\.json$/, shouldCompose: true },
  { files: /^subgraphs\/[^/]+\/(src|migrations)\//, programs: itsSubgraph },
  { files: /^gateway\/src\/|^schema\/supergraph\/supergraph\.graphql$/, programs: ["gateway"] },
  { files: /^schema\/operations\/(fragments\/)?[^/]+\.graphql$/, programs: ["gateway"] },
  {
    files: /^infra\/service\/(src|migrations)\/|^schema\/(values|events)\/src\//,
    programs: [...services, "gateway"],
  },
  { files: /^infra\/stripe\/src\//, programs: ["stripe"] },
];
