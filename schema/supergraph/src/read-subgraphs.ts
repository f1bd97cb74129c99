import { readdir } from "node:fs/promises";
import type { ServiceDefinition } from "@apollo/federation-internals";
import { serviceNames, type ServiceName } from "@shop/values";
import { readSubgraphSchema } from "@shop/values/subgraph-schema";
import { parse } from "graphql";
import { unregistered } from "./unregistered.ts";

/** A file or folder of the repository, by its path from the root. */
export const inRepository = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

/** All subgraphs' schemas, with the shared types that they name. Throws a sentence for a folder or a name that is without the other. */
export async function readSubgraphs(): Promise<ServiceDefinition[]> {
  const entries = await readdir(inRepository("subgraphs"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const problems = unregistered(folders, serviceNames);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return serviceNames.map(readSubgraph);
}

function readSubgraph(name: ServiceName): ServiceDefinition {
  const sdl = readSubgraphSchema(inRepository(`subgraphs/${name}/schema.graphql`));
  return { name, url: `http://${name}.shop.internal/graphql`, typeDefs: parse(sdl) };
}
