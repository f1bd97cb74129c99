import { setTimeout as sleep } from "node:timers/promises";
import { openBenchShop } from "./bench-shop.ts";
import { openBuyer } from "./buyer.ts";
import { buyInLoops } from "./closed-loop.ts";
import { grownBy, inAll, readKept, sizeOf } from "./kept-bytes.ts";

/** What one order leaves in Postgres, table by table: rows, and bytes of table and indexes after a vacuum. */
export async function measureKept(options: {
  products: number;
  orders: number;
  isSplit: boolean;
}): Promise<string[]> {
  await using shop = await openBenchShop(options);
  const buyers = Array.from({ length: 16 }, () => openBuyer(shop.shop.url));
  const buy = async (orders: number) => {
    const done = await buyInLoops(buyers, shop.skus, { seconds: 3600, orders });
    // Parcels, tasks and webhooks of the last orders.
    await sleep(5_000);
    return done.orders;
  };
  try {
    // The first orders grow each table by its first pages.
    await buy(Math.ceil(options.orders / 4));
    const before = await readKept(shop.shop);
    const orders = await buy(options.orders);
    const grown = grownBy(before, await readKept(shop.shop), orders);
    return [
      inAll(grown, orders),
      "",
      "| table | rows | table bytes | of which free | index bytes |",
      "| --- | --- | --- | --- | --- |",
      ...grown
        .filter((one) => Math.abs(sizeOf(one)) >= 1)
        .map(({ name, rows, tableBytes, freeBytes, indexBytes }) => {
          const cells = [tableBytes, freeBytes, indexBytes].map((count) => count.toFixed(0));
          return `| ${name} | ${rows.toFixed(1)} | ${cells.join(" | ")} |`;
        }),
    ];
  } finally {
    await Promise.all(buyers.map((buyer) => buyer.close()));
  }
}
