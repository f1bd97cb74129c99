import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { startShop } from "@shop/stack";
import { Command, Option } from "commander";
import { freshness } from "./freshness.ts";
import type { Measured } from "./load.ts";
import { measureFlashSale, usualRuns } from "./flash-sale/measure-flash-sale.ts";
import { measureKept } from "./orders/measure-kept.ts";
import { measureOrders } from "./orders/measure-orders.ts";
import { soak } from "./orders/soak.ts";
import { processesOf, usageOf } from "./processes.ts";
import { measureScale, usualSizes } from "./scale.ts";
import { addToCart, floor, productDetail, sampleOf, search, wholeCheckout } from "./scenarios.ts";

// npm run bench: starts a shop of its own, loads it through its public API, prints and keeps what it measured.

const options = new Command("npm run bench --")
  .description("Measures the shop through its public API, load generator on the same machine.")
  .option("--products <n>", "size of the catalogue", Number, 19_406)
  .option("--seconds <n>", "measured time of each scenario", Number, 10)
  .option("--orders <n>", "orders of the checkout scenario", Number, 2_000)
  .option(
    "--only <names>",
    "of: detail,search,cart,checkout,freshness; or one of: orders, kept, soak, scale, flash-sale",
    "detail,search,cart,checkout",
  )
  .option("--sizes <numbers>", "of scale: how many products, one run for each", numbers)
  .option(
    "--buyers <numbers>",
    "of orders and soak: how many buy at once, one row for each",
    numbers,
    [1, 16, 32, 64],
  )
  .option("--customers <numbers>", "of flash-sale: customers of its three runs", numbers)
  .option("--units <numbers>", "of flash-sale: units of its three runs", numbers)
  .option("--pace <n>", "of soak: whole checkouts a second", Number, 100)
  .option("--split", "of orders, soak and flash-sale: each service in a process of its own")
  .addOption(
    new Option("--search <engine>", "the search engine")
      .choices(["embedded", "elasticsearch"])
      .default("embedded"),
  )
  .option("--keep <file>", "where the result is kept; unless told in results/")
  .parse()
  .opts<{
    products: number;
    seconds: number;
    orders: number;
    only: string;
    sizes?: number[];
    customers?: number[];
    units?: number[];
    buyers: number[];
    pace: number;
    split?: true;
    search: "embedded" | "elasticsearch";
    keep?: string;
  }>();

const measurements = {
  scale: () => measureScale(options.search, options.sizes ?? usualSizes[options.search], options.seconds),
  orders: () => measureOrders({ ...options, isSplit: options.split ?? false }),
  kept: () => measureKept({ ...options, isSplit: options.split ?? false }),
  "flash-sale": () =>
    measureFlashSale(
      { customers: options.customers ?? usualRuns.customers, units: options.units ?? usualRuns.units },
      options.split ?? false,
    ),
  soak: () =>
    soak({
      ...options,
      perSecond: options.pace,
      buyers: options.buyers.at(-1) ?? 64,
      isSplit: options.split ?? false,
    }),
};
const only = options.only in measurements ? (options.only as keyof typeof measurements) : undefined;
const rows = await (only ? measurements[only]() : measureShop());
const file = only === "scale" ? `scale-${options.search}.md` : `${only ?? "latest"}.md`;
const keep = options.keep ?? path.join(import.meta.dirname, "../results", file);
console.log(`\n${rows.join("\n")}`);
mkdirSync(path.dirname(keep), { recursive: true });
writeFileSync(keep, `${rows.join("\n")}\n`);

async function measureShop(): Promise<string[]> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "shop-bench-"));
  console.log(`opening a shop of ${options.products} products…`);
  const shop = await startShop({
    dataFolder,
    products: options.products,
    search: options.search,
    env: { LIMITS: "off" },
  });
  const rows: string[] = [];
  try {
    const processes = processesOf(await shop.status());
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const idle = usageOf(processes);
    const sample = await sampleOf(shop.url);
    const effort = { seconds: options.seconds, warmUpSeconds: 4 };
    const wanted = new Set(options.only.split(","));

    const measured: { result: Measured; cpu: string }[] = [];
    const measure = async (run: () => Promise<Measured | Measured[]>) => {
      const before = usageOf(processes);
      const results = [await run()].flat();
      const after = usageOf(processes);
      // The warm-up is in the CPU and not in the count, so the row has the CPU of the whole run.
      const total = [...after].map(([name, { cpuMs }]) => ({
        name,
        cpuMs: cpuMs - (before.get(name)?.cpuMs ?? 0),
      }));
      const share = total
        .filter(({ cpuMs }) => cpuMs > 50)
        .map(({ name, cpuMs }) => `${name} ${(cpuMs / 1000).toFixed(1)} s`);
      for (const result of results) {
        measured.push({ result, cpu: share.join(", ") });
        console.log(line(result));
      }
    };
    await measure(() => floor(shop.url, { seconds: Math.min(5, options.seconds), warmUpSeconds: 1 }));
    if (wanted.has("detail")) await measure(() => productDetail(shop.url, sample.slugs, effort));
    if (wanted.has("search")) await measure(() => search(shop.url, effort));
    if (wanted.has("cart")) await measure(() => addToCart(shop.url, sample.skus, effort));
    if (wanted.has("checkout")) {
      await wholeCheckout(shop.url, sample.skus, 200);
      await measure(async () => Object.values(await wholeCheckout(shop.url, sample.skus, options.orders)));
    }

    if (wanted.has("freshness")) {
      await measure(async () => {
        const fresh = await freshness(shop.url, options.seconds);
        const { changesPerSecond, maxMs } = fresh;
        console.log(
          `changes: ${changesPerSecond.toFixed(0)}/s; the slowest was found after ${maxMs.toFixed(0)} ms`,
        );
        return fresh;
      });
    }

    const base = measured[0]?.result.perSecond ?? 1;
    rows.push(
      `# Measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${new Date().toISOString().slice(0, 10)}`,
      "",
      `${options.products} products, load generator on the same machine, everything in its default grouping. Ratio: to the floor of the same run.`,
      "",
      "| scenario | concurrency | requests | errors | per second | ratio | p50 ms | p95 ms | p99 ms | CPU |",
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
      ...measured.map(({ result, cpu }) => `${line(result, base)} ${cpu} |`),
      "",
      "| idle memory | MB |",
      "| --- | --- |",
      ...[...idle].map(([name, { residentMb }]) => `| ${name} | ${residentMb.toFixed(0)} |`),
      `| all but Postgres and NATS | ${sumOf(idle).toFixed(0)} |`,
    );
  } finally {
    await shop.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
  return rows;
}

function numbers(text: string): number[] {
  return text.split(",").map(Number);
}

function line(one: Measured, base?: number): string {
  const cells = [
    one.name,
    one.concurrency,
    one.requests,
    one.errors,
    one.perSecond.toFixed(0),
    ...(base === undefined ? [] : [(one.perSecond / base).toFixed(3)]),
    one.p50.toFixed(1),
    one.p95.toFixed(1),
    one.p99.toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

function sumOf(idle: Map<string, { residentMb: number }>): number {
  const others = [...idle].filter(([name]) => name !== "postgres" && name !== "nats");
  return others.reduce((total, [, { residentMb }]) => total + residentMb, 0);
}
