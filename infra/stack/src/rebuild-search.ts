import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { startProgressBar } from "./import/progress-bar.ts";
import { readShopFile } from "./launcher/shop-file.ts";
import { runCommandLine } from "./messages.ts";
import { openSearchAdmin, type Rebuild } from "./rebuild/search-admin.ts";
import { defaultDataFolder } from "./repository.ts";

// npm run search:rebuild: fills the search index of a running shop anew, while the old one answers.

const { data } = new Command("npm run search:rebuild --")
  .description("Fills the search index of a running shop anew from what catalog and inventory hold.")
  .option("--data <folder>", "where the shop keeps its data", defaultDataFolder)
  .parse()
  .opts<{ data: string }>();

await runCommandLine(async () => {
  const dataFolder = path.resolve(data);
  const shop = await readShopFile(dataFolder);
  if (!shop)
    throw new Error(
      `No shop runs on ${dataFolder}. Start one with \`npm start\`, or name another with --data.`,
    );
  await using search = await openSearchAdmin(dataFolder, shop.stores.nats);
  const startedMs = Date.now();
  let now = await search.rebuild(true);
  const bar = startProgressBar(totalOf(now), "stock", 2_000);
  try {
    for (; now.isRunning; now = await search.rebuild(false)) {
      bar.setTotal(totalOf(now));
      bar.update(now.products + now.skus, { step: now.products === 0 ? "stock" : "products" });
      await pause(100);
    }
    bar.setTotal(now.products + now.skus);
    bar.update(now.products + now.skus, { step: "done" });
  } finally {
    bar.stop();
  }
  if (now.failure !== null)
    throw new Error(`The index was not rebuilt, and the old one goes on answering: ${now.failure}`);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `${now.products} products and the stock of ${now.skus} SKUs are in the new index, in ${seconds} s.`,
  );
});

/** Stock comes first; until it is through, one SKU for each product is a good guess. */
function totalOf({ products, ofProducts, skus }: Rebuild): number {
  return Math.max(products, ofProducts) + (products > 0 ? skus : Math.max(skus, ofProducts));
}
