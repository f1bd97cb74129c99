import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startShop, type StartedShop } from "@shop/stack";
import { shopper, type Shopper } from "./shopper.ts";

/** A shop of a story's own, by the launcher, with a guest. */
export type OpenShop = { shop: StartedShop; dataFolder: string; guest: Shopper; close(): Promise<void> };

/** Opens a shop in a folder of its own, as `npm start` does; throttles are off, since stories log in often. */
export async function openShop(
  options: { isSplit?: boolean; search?: "embedded" | "elasticsearch"; env?: Record<string, string> } = {},
): Promise<OpenShop> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "shop-story-"));
  const shop = await startShop({
    dataFolder,
    products: 200,
    isSplit: options.isSplit ?? false,
    search: options.search ?? "embedded",
    env: { LIMITS: "off", ...options.env },
  });
  const guest = shopper(shop.url);
  return {
    shop,
    dataFolder,
    guest,
    async close() {
      await guest.close();
      await shop.stop();
      // On a busy machine what a killed Postgres has left of itself still writes for a moment.
      await rm(dataFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}
