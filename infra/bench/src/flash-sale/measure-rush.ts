import { setTimeout as sleep } from "node:timers/promises";
import { makeCustomers } from "@shop/stack";
import type { BenchShop } from "../orders/bench-shop.ts";
import { percentiles, type Percentiles } from "../percentiles.ts";
import { processesOf, usageOf } from "../processes.ts";
import { countSale } from "./count-sale.ts";
import { openSale, signInStaff } from "./open-sale.ts";
import { openSaleGraph } from "./sale-graph.ts";
import { takePart, type Part } from "./take-part.ts";

/** A rush: customers, units, and how many of 100 cards are declined. */
export type Rush = {
  customers: number;
  units: number;
  declinedPercent: number;
  connections: number;
  everyMs: number;
};

export type RushResult = Rush & {
  /** From the start of the sale, in ms. */
  first: Percentiles & { max: number };
  lastEndMs: number;
  /** The time until the last unit was bought. */
  soldOutMs: number;
  firsts: Map<string, number>;
  ends: Map<string, number>;
  entriesPerSecond: number;
  /** Requests that the shop could not answer, and that were sent again under their keys. */
  sentAgain: number;
  cpu: string;
  /** The resident memory in MB before, and the highest seen. */
  memory: Map<string, { before: number; peak: number }>;
  /** CPU in ms of each process that an entry cost, the way to its final answer included. */
  cpuPerEntry: Map<string, number>;
  ticketBytes: number;
  /** What is not as it must be; empty when the sale was exact. */
  wrong: string[];
};

/** The customers enter at the moment at which the sale starts, and take part until each has a final answer. */
export async function measureRush(shop: BenchShop, sku: string, rush: Rush): Promise<RushResult> {
  const graph = openSaleGraph(shop.shop.url, rush.connections);
  const { shop: started, dataFolder } = shop;
  try {
    const status = await started.status();
    const customers = await makeCustomers({ dataFolder, status, count: rush.customers, sku });
    const staff = await signInStaff(graph);
    console.log(`${rush.customers} customers are made; opening ${rush.connections} connections…`);
    await graph.warmUp(customers.slice(0, rush.connections).map(({ accessToken }) => accessToken));
    const startsAtMs = Date.now() + 3_000;
    const sale = await openSale(graph, staff, { sku, units: rush.units, startsAtMs, minutes: 30 });
    const processes = processesOf(status);
    const before = usageOf(processes);
    const watch = watchMemory(processes);
    await sleep(startsAtMs - Date.now() + 1);
    const parts = await Promise.all(
      customers.map((customer, at) =>
        takePart(graph, sale, customer, {
          isDeclined: (at * 7919) % 100 < rush.declinedPercent,
          everyMs: rush.everyMs,
        }),
      ),
    );
    const memory = watch();
    const after = usageOf(processes);
    const count = await countSale(status, sale);
    const firstTimes = parts.map(({ firstMs }) => firstMs);
    const bought = [...count.history.values()].filter((one) => one.status === "BOUGHT");
    const shares = [...after]
      .map(([name, { cpuMs }]) => ({ name, cpuMs: cpuMs - (before.get(name)?.cpuMs ?? 0) }))
      .filter(({ cpuMs }) => cpuMs > 50);
    return {
      ...rush,
      first: { ...percentiles(firstTimes), max: firstTimes.at(-1) ?? 0 },
      lastEndMs: Math.max(...parts.map(({ endMs }) => endMs)),
      soldOutMs: Math.max(0, ...bought.map(({ endedAt }) => (endedAt ?? 0) - startsAtMs)),
      firsts: countsOf(parts, ({ first }) => first),
      ends: countsOf(parts, ({ end }) => end),
      entriesPerSecond: (1000 * parts.length) / (firstTimes.at(-1) ?? 1),
      sentAgain: graph.sentAgain(),
      cpu: shares.map(({ name, cpuMs }) => `${name} ${(cpuMs / 1000).toFixed(1)} s`).join(", "),
      cpuPerEntry: new Map(shares.map(({ name, cpuMs }) => [name, cpuMs / parts.length])),
      ticketBytes: count.ticketBytes,
      memory: new Map(
        [...memory].map(([name, peak]) => [name, { before: before.get(name)?.residentMb ?? 0, peak }]),
      ),
      wrong: wrongIn(rush, parts, count),
    };
  } finally {
    await graph.close();
  }
}

/** Exactly as many are sold as there are units, to as many customers, and each customer's final answer is what the database says. */
function wrongIn(
  { units }: Rush,
  parts: readonly Part[],
  count: Awaited<ReturnType<typeof countSale>>,
): string[] {
  const expected: [what: string, is: number, must: number][] = [
    ["tickets BOUGHT", count.bought, units],
    ["orders confirmed at the sale's price", count.orders, units],
    ["tickets still holding or waiting", count.holding + count.waiting, 0],
    ["units or customers doubled", count.doubled, 0],
    ["customers who read BOUGHT", parts.filter(({ end }) => end === "BOUGHT").length, units],
  ];
  const otherwise = parts.filter(
    ({ ticketId, end }) => ticketId !== undefined && count.history.get(ticketId)?.status !== end,
  );
  return [
    ...expected
      .filter(([, is, must]) => is !== must)
      .map(([what, is, must]) => `${what}: ${is}, not ${must}`),
    ...(otherwise.length > 0 ? [`${otherwise.length} customers read another end than the database has`] : []),
  ];
}

/** The highest resident memory of each process, read twice a second until it is called. */
function watchMemory(processes: Map<string, number>): () => Map<string, number> {
  const peaks = new Map<string, number>();
  const look = () => {
    for (const [name, { residentMb }] of usageOf(processes))
      peaks.set(name, Math.max(peaks.get(name) ?? 0, residentMb));
  };
  const timer = setInterval(look, 500);
  return () => {
    clearInterval(timer);
    look();
    return peaks;
  };
}

function countsOf(parts: readonly Part[], of: (part: Part) => string): Map<string, number> {
  return new Map([...Map.groupBy(parts, of)].map(([name, some]) => [name, some.length]));
}
