import { cpus } from "node:os";
import { openBenchShop } from "../orders/bench-shop.ts";
import { measurePushes, type PushResult } from "./measure-pushes.ts";
import { measureRush, type RushResult } from "./measure-rush.ts";
import { millionOnPaper } from "./million-on-paper.ts";

/** Customers and units of the three runs. */
export type FlashSaleRuns = { customers: readonly number[]; units: readonly number[] };

/** How issue and README name them: few units, many customers with declined cards, and sockets that follow their tickets. */
export const usualRuns: FlashSaleRuns = { customers: [1_000, 20_000, 1_000], units: [5, 500, 100] };

/** Three sales on one shop. Sets the exit code if a sale was not exact. */
export async function measureFlashSale(runs: FlashSaleRuns, isSplit: boolean): Promise<string[]> {
  await using shop = await openBenchShop({ products: 200, isSplit });
  const [few = 0, many = 0, sockets = 0] = runs.customers;
  const [fewUnits = 0, manyUnits = 0, followedUnits = 0] = runs.units;
  const [first = "", second = "", third = "", fourth = ""] = shop.skus;
  // A small sale first: code and plans that are new to the processes are no part of the figures.
  await measureRush(shop, fourth, {
    customers: 100,
    units: 5,
    declinedPercent: 0,
    connections: 100,
    everyMs: 200,
  });
  const rush = await measureRush(shop, first, {
    ...{ customers: few, units: fewUnits, declinedPercent: 0 },
    ...{ connections: few, everyMs: 1_000 },
  });
  report(rush.wrong);
  console.log(rushRow(rush));
  const crowd = await measureRush(shop, second, {
    ...{ customers: many, units: manyUnits, declinedPercent: 30 },
    ...{ connections: Math.min(1_000, many), everyMs: 5_000 },
  });
  report(crowd.wrong);
  console.log(rushRow(crowd));
  const pushes = await measurePushes(shop, third, { sockets, units: followedUnits });
  report(pushes.wrong);
  console.log(pushRow(pushes));
  return [
    `# Flash sales, measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${new Date().toISOString().slice(0, 10)}`,
    "",
    "`npm run bench -- --only flash-sale`: customers, load generator and shop on the same machine, `LIMITS=off`. Each run checks against",
    "the databases that it was exact, and the bench fails if not. First answer: from the moment at which the sale starts to the answer of",
    "`flashSaleEnter`. Customers who wait ask now and then in the first two runs, and follow their tickets on sockets in the third.",
    "",
    "| customers | units | declined | first answer p50/p99/max ms | entries per second | sold out after | last answer after | first answers | final answers |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    rushRow(rush),
    rushRow(crowd),
    "",
    ...[rush, crowd].map(
      ({ customers, sentAgain, cpu, memory }) =>
        `- ${customers} customers: ${sentAgain} requests sent again; CPU ${cpu}; memory in MB, before and at its peak: ${memoryOf(memory)}.`,
    ),
    "",
    "| sockets | units | changes pushed | places pushed | push p50/p99/max ms | memory per socket KB |",
    "| --- | --- | --- | --- | --- | --- |",
    pushRow(pushes),
    "",
    ...[rush, crowd, pushes].flatMap(({ wrong }) => wrong.map((one) => `**Not exact:** ${one}`)),
    ...millionOnPaper(crowd, pushes),
  ];
}

function report(wrong: readonly string[]): void {
  for (const one of wrong) console.error(`not exact: ${one}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function rushRow({ first, ...rush }: RushResult): string {
  const cells = [
    ...[rush.customers, rush.units, `${rush.declinedPercent} %`],
    [first.p50, first.p99, first.max].map((ms) => ms.toFixed(0)).join("/"),
    rush.entriesPerSecond.toFixed(0),
    ...[rush.soldOutMs, rush.lastEndMs].map((ms) => `${(ms / 1000).toFixed(1)} s`),
    ...[rush.firsts, rush.ends].map((counts) =>
      [...counts].map(([name, count]) => `${name} ${count}`).join(", "),
    ),
  ];
  return `| ${cells.join(" | ")} |`;
}

function pushRow({ push, ...run }: PushResult): string {
  const times = [push.p50, push.p99, push.max].map((ms) => ms.toFixed(0)).join("/");
  const cells = [
    run.sockets,
    run.units,
    run.statusPushes,
    run.positionPushes,
    times,
    run.kbPerSocket.toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}

function memoryOf(memory: RushResult["memory"]): string {
  return [...memory]
    .map(([name, { before, peak }]) => `${name} ${before.toFixed(0)} → ${peak.toFixed(0)}`)
    .join(", ");
}
