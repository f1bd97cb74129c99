import { serviceNames } from "@shop/values";

/** Why a subgraph can't be called this, as a sentence; undefined when it can. `packages`: the folders of all packages. */
export function refuseName(name: string, packages: readonly string[]): string | undefined {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name))
    return `"${name}" can't be a subgraph's name: expected one word of 2 to 31 lower-case letters and digits that begins with a letter, such as "reviews". It is also the name of a database role, of a NATS account and of environment variables.`;
  if (serviceNames.some((one) => one === name)) return `There is a subgraph called "${name}" already.`;
  if (packages.includes(name)) return `"${name}" is taken: there is a package @shop/${name} or its folder.`;
  if (reserved.has(name)) return `"${name}" is taken: the launcher calls something else so.`;
  return undefined;
}

/** Processes, users of stores, and what lies in the data folder. */
const reserved = new Set([
  ...["stripe", "gateway", "subgraphs", "host", "launcher", "shop", "admin", "provisioner"],
  ...["postgres", "redis", "nats", "elasticsearch", "logs", "run", "restoring"],
]);
