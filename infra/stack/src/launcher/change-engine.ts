import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ShopOptions } from "./options.ts";

/**
 * An index that was not in use has missed what happened meanwhile, and can't know it: so when a shop changes its engine,
 * what the other one has from earlier is removed, and search fills it anew.
 */
export async function changeEngine(options: ShopOptions, elasticsearch: string | undefined): Promise<void> {
  const { dataFolder, given } = options;
  const mark = path.join(dataFolder, "search-engine.json");
  const place = given.elasticsearch && new URL(given.elasticsearch).host;
  const engine = JSON.stringify(elasticsearch === undefined ? "embedded" : { elasticsearch: place ?? "own" });
  const before = await readFile(mark, "utf8").catch(() => engine);
  if (before !== engine) {
    if (elasticsearch !== undefined) await removeIndices(elasticsearch);
    else await rm(path.join(dataFolder, "search"), { recursive: true, force: true });
  }
  await writeFile(mark, engine);
}

async function removeIndices(elasticsearch: string): Promise<void> {
  const { origin, username, password } = new URL(elasticsearch);
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const ask = async (address: string, method: "GET" | "DELETE"): Promise<object> => {
    const answer = await fetch(`${origin}/${address}`, {
      method,
      headers: username ? { authorization: `Basic ${login.toString("base64")}` } : {},
    });
    if (!answer.ok)
      throw new Error(
        `Elasticsearch does not let the old index go (${answer.status}): ${await answer.text()}`,
      );
    return Object(await answer.json()) as object;
  };
  // By name, because an Elasticsearch refuses to delete by pattern unless it was told otherwise.
  const indices = Object.keys(await ask("shop-products*,shop-stock*?features=aliases", "GET"));
  if (indices.length > 0) await ask(indices.join(","), "DELETE");
}
