import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startShop, type StartedShop } from "@shop/stack";
import { eventually } from "@shop/testkit/eventually";
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
  await untilCartsKnowStock(guest);
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

/** Cart has stock by events, which may come a moment after search shows it: a checkout before that lacks stock. */
async function untilCartsKnowStock(guest: Shopper): Promise<void> {
  const { search } = await guest.get(
    `{ search(first: 60, filters: { inStock: true }) { nodes { variants { sku availability { quantity } } } } }`,
  );
  type Found = { variants: { sku: string; availability: { quantity: number } }[] };
  const lines = (search.nodes as Found[])
    .flatMap(({ variants }) => variants)
    .filter(({ availability }) => availability.quantity > 0)
    .slice(0, 50)
    .map(({ sku }) => ({ sku, quantity: 1 }));
  const { cart } = await guest.carryOut("cart-create", { input: { lines } });
  await eventually(async () => {
    const page = await guest.get(`query ($id: ID!) { cart(id: $id) { problems { __typename } } }`, {
      id: cart?.id,
    });
    return page.cart.problems.length === 0;
  }, "carts don't know the stock");
}
