import { rm } from "node:fs/promises";
import path from "node:path";
import { subgraphNames } from "../topology.ts";

/** Removes what a shop has written, by name: the folder that `--data` names may hold other things as well. */
export async function forgetShop(dataFolder: string): Promise<void> {
  const ours = [
    ...["postgres", "postgres.new", "redis", "nats", "elasticsearch", "stripe", ...subgraphNames],
    ...["logs", "run", "secrets.json", "seeded.json", "search-engine.json", "shop.json"],
  ];
  await Promise.all(ours.map((name) => rm(path.join(dataFolder, name), { recursive: true, force: true })));
}
