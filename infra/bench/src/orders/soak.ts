import { setTimeout as sleep } from "node:timers/promises";
import { processesOf, usageOf } from "../processes.ts";
import { openBenchShop } from "./bench-shop.ts";
import { openBuyer } from "./buyer.ts";
import { buyInLoops } from "./closed-loop.ts";
import { grownBy, inAll, readKept } from "./kept-bytes.ts";
import { countInStores } from "./store-counts.ts";

/** A pace kept for minutes: latency, memory and kept bytes minute by minute, which must stay flat. */
export async function soak(options: {
  products: number;
  seconds: number;
  perSecond: number;
  buyers: number;
  isSplit: boolean;
}): Promise<string[]> {
  await using shop = await openBenchShop(options);
  const counter = await countInStores(shop.shop);
  const buyers = Array.from({ length: options.buyers }, () => openBuyer(shop.shop.url));
  const rows: string[] = [];
  try {
    await buyInLoops(buyers, shop.skus, { seconds: 10 });
    const kept = await readKept(shop.shop);
    let orders = 0;
    let before = await counter.read();
    for (let minute = 1; minute <= Math.ceil(options.seconds / 60); minute++) {
      const { perSecond } = options;
      const done = await buyInLoops(buyers, shop.skus, { seconds: Math.min(60, options.seconds), perSecond });
      const refused = [...done.refused.values()].reduce((sum, count) => sum + count, 0);
      const memory = [...usageOf(processesOf(await shop.shop.status()))]
        .filter(([name]) => name !== "postgres")
        .map(([name, { residentMb }]) => `${name} ${residentMb.toFixed(0)}`);
      await sleep(1_000);
      const after = await counter.read();
      const keptKb = (after.databaseBytes - before.databaseBytes) / 1024 / Math.max(1, done.orders);
      before = after;
      orders += done.orders;
      const { call, confirmed } = done;
      rows.push(
        `| ${minute} | ${done.orders} | ${refused} | ${done.perSecond.toFixed(0)} | ${call.p50.toFixed(0)}/${call.p95.toFixed(0)} | ${confirmed.p50.toFixed(0)}/${confirmed.p95.toFixed(0)}/${confirmed.p99.toFixed(0)} | ${keptKb.toFixed(1)} | ${memory.join(", ")} |`,
      );
      console.log(rows.at(-1));
    }
    rows.push("", inAll(grownBy(kept, await readKept(shop.shop), orders), orders));
  } finally {
    await Promise.all(buyers.map((buyer) => buyer.close()));
    await counter.close();
  }
  return [
    `A soak: ${options.perSecond} whole checkouts a second by ${options.buyers} buyers.`,
    "",
    "| minute | orders | refused | per second | call p50/p95 ms | confirmed p50/p95/p99 ms | kept KB per order | memory MB |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ];
}
