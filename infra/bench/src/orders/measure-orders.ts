import { setTimeout as sleep } from "node:timers/promises";
import { processesOf, usageOf } from "../processes.ts";
import { openBuyer } from "./buyer.ts";
import { buyInLoops, type Loop } from "./closed-loop.ts";
import { countInStores, type StoreCounter } from "./store-counts.ts";
import { openBenchShop, type BenchShop } from "./bench-shop.ts";

/** How long events of a confirmed order may go on (parcels, projections) before the counts are read. */
const settleMs = 1_500;

/** What one order cost at one number of buyers. */
type Cost = {
  loop: Loop;
  /** CPU per order in ms, by process. */
  cpu: Map<string, number>;
  statements: number;
  transactions: number;
  fsyncs: number;
  walKb: number;
  fullPageKb: number;
  events: number;
  deliveries: number;
};

/** Whole checkouts in closed loops, one row for each number of buyers. */
export async function measureOrders(options: {
  products: number;
  seconds: number;
  buyers: readonly number[];
  isSplit: boolean;
}): Promise<string[]> {
  await using shop = await openBenchShop(options);
  const counter = await countInStores(shop.shop);
  try {
    console.log("warming up…");
    await loop(shop, 32, 4);
    const rows: string[] = [];
    for (const buyers of options.buyers) {
      const cost = await costOf(shop, counter, buyers, options.seconds);
      rows.push(row(cost));
      console.log(rows.at(-1));
      for (const [reason, count] of cost.loop.refused) console.log(`  refused ${count}: ${reason}`);
    }
    const top = await counter.topStatements(30);
    return [
      "Whole checkouts: cart, cart page with shipping options, checkout, and a subscription until ORDER_CONFIRMED; then the next.",
      "Times in ms. CPU in ms per order of all processes, the load generator included.",
      "",
      `| ${titles.join(" | ")} |`,
      `|${" --- |".repeat(titles.length)}`,
      ...rows,
      "",
      `Statements of the last row that ran most often: calls, ms in all, text.`,
      "",
      ...top.map(({ calls, ms, query }) => `- ${calls}, ${ms.toFixed(0)}: \`${query.replaceAll("`", "'")}\``),
    ];
  } finally {
    await counter.close();
  }
}

const titles = [
  ...[
    "buyers",
    "orders",
    "refused",
    "per second",
    "call p50/p95/p99",
    "confirmed p50/p95/p99",
    "CPU",
    "by process",
  ],
  ...["statements", "transactions", "fsyncs", "WAL KB", "full pages KB", "events", "deliveries"],
];

async function loop(shop: BenchShop, count: number, seconds: number, perSecond?: number): Promise<Loop> {
  const buyers = Array.from({ length: count }, () => openBuyer(shop.shop.url));
  try {
    return await buyInLoops(buyers, shop.skus, { seconds, ...(perSecond && { perSecond }) });
  } finally {
    await Promise.all(buyers.map((buyer) => buyer.close()));
  }
}

async function costOf(
  shop: BenchShop,
  counter: StoreCounter,
  buyers: number,
  seconds: number,
): Promise<Cost> {
  const processes = processesOf(await shop.shop.status());
  await counter.resetStatements();
  const before = { counts: await counter.read(), usage: usageOf(processes), own: process.cpuUsage() };
  const done = await loop(shop, buyers, seconds);
  await sleep(settleMs);
  const own = process.cpuUsage(before.own);
  const after = { usage: usageOf(processes), counts: await counter.read() };
  const each = (total: number) => total / Math.max(1, done.orders);
  const fullPages = await counter.fullPageBytes(before.counts, after.counts);
  const grown = (name: keyof typeof after.counts) => each(after.counts[name] - before.counts[name]);
  return {
    loop: done,
    cpu: new Map([
      ...[...after.usage].map(([name, { cpuMs }]): [string, number] => {
        return [name, each(cpuMs - (before.usage.get(name)?.cpuMs ?? 0))];
      }),
      ["generator", each((own.user + own.system) / 1000)],
    ]),
    statements: grown("statements"),
    transactions: grown("transactions"),
    fsyncs: grown("fsyncs"),
    walKb: (grown("walEnd") - each(fullPages)) / 1024,
    fullPageKb: each(fullPages) / 1024,
    events: grown("events"),
    deliveries: grown("deliveries"),
  };
}

function row({ loop: { call, confirmed, ...loop }, cpu, ...cost }: Cost): string {
  const three = (of: Loop["call"]) => [of.p50, of.p95, of.p99].map((ms) => ms.toFixed(0)).join("/");
  const refused = [...loop.refused.values()].reduce((sum, count) => sum + count, 0);
  const total = [...cpu.values()].reduce((sum, ms) => sum + ms, 0);
  const shares = [...cpu].filter(([, ms]) => ms >= 0.05).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
  const cells = [
    ...[loop.buyers, loop.orders, refused, loop.perSecond.toFixed(0), three(call), three(confirmed)],
    ...[total.toFixed(1), shares.join(", ")],
    ...[cost.statements, cost.transactions, cost.fsyncs, cost.walKb, cost.fullPageKb].map((n) =>
      n.toFixed(1),
    ),
    ...[cost.events.toFixed(1), cost.deliveries.toFixed(1)],
  ];
  return `| ${cells.join(" | ")} |`;
}
