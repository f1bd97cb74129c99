import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ShopOptions } from "./options.ts";

/**
 * Removes the old index of the engine that a shop switches to, and search fills it anew: an index that was not in use has missed
 * the events since, and can't detect that.
 */
export async function switchSearchEngine(
  options: Pick<ShopOptions, "dataFolder" | "externalStores" | "searchPrefix">,
  elasticsearch: string | undefined,
): Promise<void> {
  const { dataFolder, externalStores, searchPrefix: prefix } = options;
  const mark = path.join(dataFolder, "search-engine.json");
  const place = externalStores.elasticsearch && new URL(externalStores.elasticsearch).host;
  const index = { elasticsearch: place ?? "own", ...(prefix !== "shop" && { prefix }) };
  const engine = JSON.stringify(elasticsearch === undefined ? "embedded" : index);
  const before = await readFile(mark, "utf8").catch(() => engine);
  if (before !== engine) {
    if (elasticsearch !== undefined) await removeIndices(elasticsearch, prefix);
    else await rm(path.join(dataFolder, "search"), { recursive: true, force: true });
  }
  await writeFile(mark, engine);
}

async function removeIndices(elasticsearch: string, prefix: string): Promise<void> {
  const { origin, username, password } = new URL(elasticsearch);
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const ask = async (address: string, method: "GET" | "DELETE"): Promise<object> => {
    const answer = await fetch(`${origin}/${address}`, {
      method,
      headers: username ? { authorization: `Basic ${login.toString("base64")}` } : {},
    });
    if (!answer.ok)
      throw new Error(
        `Elasticsearch does not remove the old index (${answer.status}): ${await answer.text()}`,
      );
    return Object(await answer.json()) as object;
  };
  // By name: Elasticsearch refuses to delete by pattern by default.
  const generations = encodeURIComponent(`${prefix}-products-*,${prefix}-stock-*`);
  const indices = Object.keys(await ask(`${generations}?features=aliases`, "GET"));
  if (indices.length > 0) await ask(encodeURIComponent(indices.join(",")), "DELETE");
}
