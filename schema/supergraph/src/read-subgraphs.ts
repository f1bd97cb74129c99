import { readdir, readFile } from "node:fs/promises";
import type { ServiceDefinition } from "@apollo/federation-internals";
import { serviceNames, type ServiceName } from "@shop/values";
import { parse } from "graphql";
import { unregistered } from "./unregistered.ts";

/** A file or folder of the repository, by its path from the root. */
export const inRepository = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

/** All subgraphs' schemas, as they stand in their folders. Throws a sentence for a folder or a name that is without the other. */
export async function readSubgraphs(): Promise<ServiceDefinition[]> {
  const entries = await readdir(inRepository("subgraphs"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const problems = unregistered(folders, serviceNames);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return Promise.all(serviceNames.map(readSubgraph));
}

async function readSubgraph(name: ServiceName): Promise<ServiceDefinition> {
  const sdl = await readFile(inRepository(`subgraphs/${name}/schema.graphql`), "utf8");
  return { name, url: `http://${name}.shop.internal/graphql`, typeDefs: parse(sdl) };
}
