import { subgraphNames } from "../topology.ts";

/** The first file that a shop writes into its data folder, and the last that a reset removes. */
export const shopMark = "secrets.json";

/** There while a restore is under way: the folder holds half a shop. */
export const restoreMark = "restoring";

/** The names of all that a shop keeps in its data folder: `--data` may name one that holds other things as well. */
export const dataFolderEntries: readonly string[] = [
  ...["postgres", "postgres.new", "redis", "nats", "elasticsearch", "stripe", ...subgraphNames],
  ...["logs", "run", shopMark, restoreMark, "restored.new", "seeded.json", "own-demo-password"],
  ...["search-engine.json", "shop.json"],
];
