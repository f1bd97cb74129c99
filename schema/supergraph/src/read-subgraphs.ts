import { readFile } from "node:fs/promises";
import type { ServiceDefinition } from "@apollo/federation-internals";
import { parse } from "graphql";
import { subgraphNames, type SubgraphName } from "./index.ts";

/** A file or folder of the repository, by its path from the root. */
export const inRepository = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

/** All subgraphs' schemas, as they stand in their folders. */
export function readSubgraphs(): Promise<ServiceDefinition[]> {
  return Promise.all(subgraphNames.map(readSubgraph));
}

async function readSubgraph(name: SubgraphName): Promise<ServiceDefinition> {
  const sdl = await readFile(inRepository(`subgraphs/${name}/schema.graphql`), "utf8");
  return { name, url: `http://${name}.shop.internal/graphql`, typeDefs: parse(sdl) };
}
