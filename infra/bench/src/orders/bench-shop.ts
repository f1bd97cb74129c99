import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startShop, type StartedShop } from "@shop/stack";
import { sampleOf } from "../scenarios.ts";

/** A shop of the bench's own, and SKUs of which there is plenty. */
export type BenchShop = AsyncDisposable & { shop: StartedShop; dataFolder: string; skus: string[] };

/** Opens a shop in a temporary folder, without limits on callers; disposing it stops it and deletes the folder. */
export async function openBenchShop(options: { products: number; isSplit: boolean }): Promise<BenchShop> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "shop-bench-"));
  console.log(`opening a shop of ${options.products} products…`);
  const shop = await startShop({
    dataFolder,
    products: options.products,
    isSplit: options.isSplit,
    env: { LIMITS: "off" },
  });
  const { skus } = await sampleOf(shop.url);
  return {
    shop,
    dataFolder,
    skus,
    async [Symbol.asyncDispose]() {
      await shop.stop();
      await rm(dataFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}
