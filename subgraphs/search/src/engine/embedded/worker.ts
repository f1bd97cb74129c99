import { parentPort, workerData } from "node:worker_threads";
import { collectWhenIdle } from "@shop/service/collect-when-idle";
import { searchProducts } from "../../query/search-products.ts";
import { suggest } from "../../query/suggest.ts";
import { SynonymFile } from "../../text/synonym-file.ts";
import type { ProductKind } from "../engine.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { embeddedSearchIndex } from "./embedded-search-index.ts";
import { openOrReplaceDamaged, sqliteCodeOf } from "./storage-errors.ts";
import type { WorkerAnswer, WorkerSettings, WorkerTask } from "./worker-protocol.ts";

const checkEveryMs = 1_000;

const settings = workerData as WorkerSettings;
const synonymFile = new SynonymFile(settings.synonymsFile, settings.languages);
const index = openOrReplaceDamaged(settings.path, (path) => new EmbeddedIndex(path, settings.languages));
const searched = embeddedSearchIndex(index, synonymFile, settings.languages);

collectWhenIdle();
const upkeep = setInterval(reloadSynonyms, checkEveryMs);

// One after the other: the arrays of a match are valid until the next one.
let turn: Promise<void> = Promise.resolve();
parentPort?.on("message", (question: Question) => {
  turn = turn.then(() => settle(question));
});

type Question = { id: number; task: WorkerTask };

async function settle({ id, task }: Question): Promise<void> {
  try {
    parentPort?.postMessage({ id, json: JSON.stringify((await answer(task)) ?? null) });
  } catch (error) {
    parentPort?.postMessage({
      id,
      error: String(error),
      sqliteCode: sqliteCodeOf(error),
    } satisfies WorkerAnswer);
    // After a failed write, memory and file may differ: the thread starts again from the file.
    if (task.kind === "write" || task.kind === "setPopularity") process.exit(1);
  }
}

function answer(task: WorkerTask): unknown {
  switch (task.kind) {
    case "search":
      return searchProducts(searched, task.request);
    case "suggest":
      return suggest(searched, task.prefix, task.size);
    case "write":
      return index.write(task.documents, task.stock);
    case "setPopularity":
      return index.setPopularity(task.popularity);
    case "kinds":
      return kindsOf(task.productIds);
    case "count":
      return index.columns.liveRows;
    case "metadata":
      return index.file.metadata(task.name);
    case "setMetadata":
      return index.file.setMetadata(task.name, task.value);
    case "close":
      clearInterval(upkeep);
      index[Symbol.dispose]();
      parentPort?.close();
  }
}

function kindsOf(productIds: readonly string[]): [string, ProductKind][] {
  const { columns } = index;
  return productIds.flatMap((id): [string, ProductKind][] => {
    const row = index.rowOf(id);
    return row === 0 ? [] : [[id, { brand: columns.brandKeyOf(row), category: columns.categorySlugOf(row) }]];
  });
}

function reloadSynonyms(): void {
  if (!synonymFile.reload()) return;
  parentPort?.postMessage({ haveSynonymsChanged: true } satisfies WorkerAnswer);
}
