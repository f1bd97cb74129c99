import { existsSync } from "node:fs";
import { SingleBar, Presets } from "cli-progress";
import { Command } from "commander";
import { demoPassword } from "./demo/people.ts";
import { openGraph } from "./import/graph-client.ts";
import { loadProducts, type Progress } from "./import/load-products.ts";
import { readRecords, type BadLine } from "./import/read-records.ts";

// npm run import -- <file>: loads a file of products into a running shop.

const command = new Command("npm run import --")
  .description("Loads products (NDJSON, gzipped or not) into a running shop. Repeating it changes nothing.")
  .argument(
    "<file>",
    "one JSON object a line: id, sku, title, priceCents; description, brand, image, ean, attributes",
  )
  .option("--url <url>", "the shop's graph", `http://127.0.0.1:${process.env["PORT"] ?? "4000"}/graphql`)
  .option("--email <email>", "a member of staff", "staff@shop.test")
  .option("--password <password>", "that member's password", demoPassword)
  .parse();
const [file = ""] = command.args;
const { url, email, password } = command.opts<{ url: string; email: string; password: string }>();

try {
  if (!existsSync(file)) throw new Error(`There is no file "${file}".`);
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const bad: BadLine[] = [];
  let total = 0;
  for await (const _ of readRecords(file, (line) => bad.push(line))) total++;
  await using graph = await openGraph(url, { email, password });
  const started = Date.now();
  const show = progressOf(total);
  // The bar keeps the process alive until it is stopped.
  const loaded = await loadProducts(
    graph,
    readRecords(file, () => undefined),
    show.update,
  ).finally(show.stop);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const { created, updated, unchanged, refused } = loaded;
  console.log(
    `${created} created, ${updated} updated, ${unchanged} unchanged in ${seconds} s; search finds them all.`,
  );
  for (const { line, reason } of bad) console.log(`line ${line} was left out: ${reason}`);
  for (const { externalId, reason } of refused) console.log(`record ${externalId} was refused: ${reason}`);
}

function progressOf(total: number): { update: (progress: Progress) => void; stop: () => void } {
  const bar = new SingleBar(
    {
      format: "{step} |{bar}| {value}/{total} {duration_formatted}",
      noTTYOutput: true,
      notTTYSchedule: 5_000,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total * 3, 0, { step: "products" });
  const done = { products: 0, stock: 0, search: 0 };
  return {
    update({ step, done: count }) {
      done[step] = Math.min(count, total);
      bar.update(done.products + done.stock + done.search, { step });
    },
    stop: () => bar.stop(),
  };
}
