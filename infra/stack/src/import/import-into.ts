import { stat } from "node:fs/promises";
import { openGraph } from "./graph-client.ts";
import { loadProducts, type Loaded } from "./load-products.ts";
import { startProgressBar } from "./progress-bar.ts";
import { readRecords, type BadLine } from "./read-records.ts";

export type Imported = Loaded & { seconds: number; bad: BadLine[] };

/** Loads a file of products into a running shop over its public API, as staff, and shows the progress. */
export async function importInto(
  url: string,
  file: string,
  staff: { email: string; password: string },
): Promise<Imported> {
  // The file is read twice: the progress needs the number of its records.
  if (!(await stat(file)).isFile())
    throw new Error(`${file} is no file. Save what comes through a pipe first.`);
  const bad: BadLine[] = [];
  let total = 0;
  for await (const _ of readRecords(file, (line) => bad.push(line))) total++;
  await using graph = await openGraph(url, staff);
  const started = Date.now();
  const bar = startProgressBar(total, "products", 5_000);
  const records = readRecords(file, () => undefined);
  // Three passes over all, each shown by its name.
  const loaded = await loadProducts(graph, records, ({ step, done }) =>
    bar.update(Math.min(done, total), { step }),
  ).finally(() => bar.stop());
  return { ...loaded, bad, seconds: (Date.now() - started) / 1000 };
}
