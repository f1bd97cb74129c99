import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Presets, SingleBar } from "cli-progress";
import { Command } from "commander";
import { repository } from "./repository.ts";
import { readShopFile } from "./launcher/shop-file.ts";
import { openSearchAdmin, type Rebuild } from "./rebuild/search-admin.ts";

// npm run search:rebuild: fills the search index of a running shop anew, while the old one answers.

const { data } = new Command("npm run search:rebuild --")
  .description("Fills the search index of a running shop anew from what catalog and inventory hold.")
  .option("--data <folder>", "where the shop keeps its data", path.join(repository, ".data", "shop"))
  .parse()
  .opts<{ data: string }>();

try {
  await run(path.resolve(data));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(dataFolder: string): Promise<void> {
  const shop = await readShopFile(dataFolder);
  if (!shop)
    throw new Error(
      `No shop runs on ${dataFolder}. Start one with \`npm start\`, or name another with --data.`,
    );
  await using search = await openSearchAdmin(dataFolder, shop.stores.nats);
  const startedMs = Date.now();
  const bar = new SingleBar(
    {
      format: "{step} |{bar}| {value}/{total} {duration_formatted}",
      noTTYOutput: true,
      notTTYSchedule: 2_000,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  let now = await search.rebuild(true);
  bar.start(totalOf(now), 0, { step: "stock" });
  try {
    for (; now.isRunning; now = await search.rebuild(false)) {
      bar.setTotal(totalOf(now));
      bar.update(now.products + now.skus, { step: now.products === 0 ? "stock" : "products" });
      await pause(100);
    }
    bar.setTotal(now.products + now.skus);
    bar.update(now.products + now.skus, { step: "done" });
  } finally {
    // It keeps the process alive until it is stopped.
    bar.stop();
  }
  if (now.failure !== null)
    throw new Error(`The index was not rebuilt, and the old one goes on answering: ${now.failure}`);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `${now.products} products and the stock of ${now.skus} SKUs are in the new index, in ${seconds} s.`,
  );
}

/** Stock comes first; until it is through, one SKU for each product is a good guess. */
function totalOf({ products, ofProducts, skus }: Rebuild): number {
  return Math.max(products, ofProducts) + (products > 0 ? skus : Math.max(skus, ofProducts));
}
