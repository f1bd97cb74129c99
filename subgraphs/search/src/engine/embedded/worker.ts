import { parentPort, workerData } from "node:worker_threads";
import { collectWhenIdle } from "@shop/service/collect-when-idle";
import { SynonymFile } from "../../text/synonym-file.ts";
import type { Activity, Preferences } from "../engine.ts";
import { preferencesFrom } from "../../ranking/preferences.ts";
import { ActivityFile } from "./activity-file.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { Matcher } from "./match-rows.ts";
import { NameIndex } from "./name-index.ts";
import { searchIndex, type Searcher } from "./search-index.ts";
import { suggest } from "./suggest.ts";
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
const searcher: Searcher = {
  index,
  matcher: new Matcher(index),
  nameIndex: new NameIndex(index),
  synonyms: synonymFile.synonyms,
  languages: settings.languages,
};

collectWhenIdle();
const upkeep = setInterval(reloadSynonyms, checkEveryMs);

parentPort?.on("message", ({ id, task }: { id: number; task: WorkerTask }) => {
  try {
    parentPort?.postMessage({ id, json: JSON.stringify(answer(task) ?? null) });
  } catch (error) {
    parentPort?.postMessage({
      id,
      error: String(error),
      sqliteCode: sqliteCodeOf(error),
    } satisfies WorkerAnswer);
    // After a failed write, memory and file may differ: the thread starts again from the file.
    if (task.kind === "write") process.exit(1);
  }
});

function answer(task: WorkerTask): unknown {
  switch (task.kind) {
    case "search":
      return searchIndex(searcher, task.request);
    case "suggest":
      return suggest(searcher, activity, task.prefix, task.size);
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
    return row === 0 ? [] : [{ ...columns.preferenceKeysOf(row), weight }];
  });
  return preferencesFrom(liked);
}

function reloadSynonyms(): void {
  if (!synonymFile.reload()) return;
  searcher.synonyms = synonymFile.synonyms;
  parentPort?.postMessage({ haveSynonymsChanged: true } satisfies WorkerAnswer);
}
