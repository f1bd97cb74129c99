import { setTimeout as sleep } from "node:timers/promises";
import { openBenchShop } from "./bench-shop.ts";
import { openBuyer } from "./buyer.ts";
import { buyInLoops } from "./closed-loop.ts";
import { readKept, type Kept } from "./kept-bytes.ts";

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
    const after = await readKept(shop.shop);
    const none = { rows: 0, tableBytes: 0, freeBytes: 0, indexBytes: 0 };
    const grown = [...after].map(([name, now]) => {
      const was = before.get(name) ?? none;
      const each = (column: keyof Kept) => (now[column] - was[column]) / orders;
      return {
        name,
        rows: each("rows"),
        table: each("tableBytes"),
        free: each("freeBytes"),
        indexes: each("indexBytes"),
      };
    });
    const sizeOf = ({ table, indexes }: (typeof grown)[number]) => table + indexes;
    const total = grown.reduce((sum, one) => sum + sizeOf(one), 0);
    const free = grown.reduce((sum, one) => sum + one.free, 0);
    return [
      `Kept by each of ${orders} orders: ${total.toFixed(0)} bytes on disk, of which ${free.toFixed(0)} are free for later rows.`,
      "",
      "| table | rows | table bytes | of which free | index bytes |",
      "| --- | --- | --- | --- | --- |",
      ...grown
        .filter((one) => Math.abs(sizeOf(one)) >= 1)
        .sort((one, other) => sizeOf(other) - sizeOf(one))
        .map(({ name, rows, ...bytes }) => {
          const cells = [bytes.table, bytes.free, bytes.indexes].map((count) => count.toFixed(0));
          return `| ${name} | ${rows.toFixed(1)} | ${cells.join(" | ")} |`;
        }),
    ];
  } finally {
    await Promise.all(buyers.map((buyer) => buyer.close()));
  }
}
