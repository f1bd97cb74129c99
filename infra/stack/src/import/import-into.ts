import { stat } from "node:fs/promises";
import { Presets, SingleBar } from "cli-progress";
import { demoPassword } from "../demo/demo-users.ts";
import { openGraph } from "./graph-client.ts";
import { loadProducts, type Loaded, type Progress } from "./load-products.ts";
import { readPidFiles, type BadLine } from "./read-records.ts";

export type Imported = Loaded & { seconds: number; bad: BadLine[] };

/** Loads a file of products into a running shop over its public API, as staff, and shows how far it is. */
export async function importInto(
  url: string,
  file: string,
  user: { email: string; password: string } = { email: "staff@shop.test", password: demoPassword },
): Promise<Imported> {
  // It is read twice: to show how far it is, its end must be known.
  if (!(await stat(file)).isFile())
    throw new Error(`${file} is no file. Save what comes through a pipe first.`);
  const bad: BadLine[] = [];
  let total = 0;
  for await (const _ of readPidFiles(file, (line) => bad.push(line))) total++;
  await using graph = await openGraph(url, user);
  const started = Date.now();
  const show = progressOf(total);
  // The bar keeps the process alive until it is stopped.
  const loaded = await loadProducts(
    graph,
    readPidFiles(file, () => undefined),
    show.update,
  ).finally(show.stop);
  return { ...loaded, bad, seconds: (Date.now() - started) / 1000 };
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
  bar.start(total, 0, { step: "products" });
  return {
    // Three passes over all, each shown by its name.
    update: ({ step, done }) => bar.update(Math.min(done, total), { step }),
    stop: () => bar.stop(),
  };
}
