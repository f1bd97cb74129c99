import { parentPort, workerData } from "node:worker_threads";
import { collectWhenIdle } from "@shop/service/collect-when-idle";
import { searchProducts } from "../../query/search-products.ts";
import { suggest, withPopularQueries } from "../../query/suggest.ts";
import { fold } from "../../text/fold.ts";
import { SynonymFile } from "../../text/synonym-file.ts";
import type { Activity, Preferences, Suggestions } from "../engine.ts";
import { preferencesFrom } from "../../ranking/preferences.ts";
import { ActivityFile } from "./activity-file.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { embeddedSearchIndex } from "./embedded-search-index.ts";
import { openOrReplaceDamaged, sqliteCodeOf } from "./storage-errors.ts";
import type { WorkerAnswer, WorkerSettings, WorkerTask } from "./worker-protocol.ts";

const checkEveryMs = 1_000;

const settings = workerData as WorkerSettings;
const synonymFile = new SynonymFile(settings.synonymsFile, settings.languages);
const activity = openOrReplaceDamaged(settings.activityPath, (path) => new ActivityFile(path));
const index = openOrReplaceDamaged(
  settings.path,
  (path) => new EmbeddedIndex(path, settings.languages, activity),
);
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
    if (task.kind === "write") process.exit(1);
  }
}

function answer(task: WorkerTask): unknown {
  switch (task.kind) {
    case "search":
      return searchProducts(searched, task.request);
    case "suggest":
      return suggestWith(task.prefix, task.size);
    case "write":
      return index.write(task.documents, task.stock);
    case "recordActivity":
      return recordActivity(task.activity);
    case "reloadPopularity":
      return index.reloadPopularity();
    case "preferences":
      return preferencesOf(task.customerId);
    case "count":
      return index.columns.liveRows;
    case "metadata":
      return index.metadata(task.name);
    case "setMetadata":
      return index.setMetadata(task.name, task.value);
    case "close":
      clearInterval(upkeep);
      activity[Symbol.dispose]();
      index[Symbol.dispose]();
      parentPort?.close();
  }
}

async function suggestWith(prefix: string, size: number): Promise<Suggestions> {
  const popular = activity.queriesLike(fold(prefix).trim(), size);
  return withPopularQueries(await suggest(searched, prefix, size), popular, size);
}

function recordActivity({ queries, interactions }: Activity): void {
  // A view may name an unknown product; a purchase can't.
  const ofKnownProducts = interactions.filter(
    ({ productId, bought }) => bought > 0 || index.rowOf(productId) > 0,
  );
  for (const [id, popularity] of activity.record({ queries, interactions: ofKnownProducts })) {
    const row = index.rowOf(id);
    if (row > 0) index.columns.setPopularity(row, popularity);
  }
}

function preferencesOf(customerId: string): Preferences | undefined {
  const { columns } = index;
  const liked = activity.interactionsOf(customerId).flatMap(({ product, weight }) => {
    const row = index.rowOf(product);
    return row === 0
      ? []
      : [{ brand: columns.brandKeyOf(row), category: columns.categorySlugOf(row), weight }];
  });
  return preferencesFrom(liked);
}

function reloadSynonyms(): void {
  if (!synonymFile.reload()) return;
  parentPort?.postMessage({ haveSynonymsChanged: true } satisfies WorkerAnswer);
}
