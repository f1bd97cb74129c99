import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { subgraphNames } from "../topology.ts";

/**
 * Removes what a shop has written, by name: the folder that `--data` names may hold other things as well. Throws where no shop
 * has ever been, and things lie that are called like a shop's.
 */
export async function forgetShop(dataFolder: string): Promise<void> {
  const ours = [
    ...["postgres", "postgres.new", "redis", "nats", "elasticsearch", "stripe", ...subgraphNames],
    ...["logs", "run", "secrets.json", "seeded.json", "search-engine.json", "shop.json"],
  ];
  const there = ours.filter((name) => existsSync(path.join(dataFolder, name)));
  // The first thing that a shop writes.
  if (there.length > 0 && !there.includes("secrets.json"))
    throw new Error(
      `${dataFolder} is no shop's folder, and --reset would remove what lies there: ${there.join(", ")}. ` +
        "Give a shop's folder, or one that is empty: --data <folder>",
    );
  await Promise.all(there.map((name) => rm(path.join(dataFolder, name), { recursive: true, force: true })));
}
