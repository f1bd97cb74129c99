import { parentPort, workerData } from "node:worker_threads";
import { giveBackMemory } from "@shop/service/give-back-memory";
import { SynonymFile } from "../analysis/synonym-file.ts";
import type { Activity, Taste } from "../engine.ts";
import { tasteFrom } from "../ranking/preferences.ts";
import { ActivityFile } from "./activity-file.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { Matcher } from "./match-rows.ts";
import { NamedRows } from "./name-index.ts";
import { searchIndex, type Searcher } from "./search-index.ts";
import { suggest } from "./suggest.ts";
import { replacingDamaged, sqliteCodeOf } from "./storage-errors.ts";
import type { WorkerAnswer, WorkerSettings, WorkerTask } from "./worker-protocol.ts";

const lookAgainMs = 1_000;

const settings = workerData as WorkerSettings;
const synonymFile = new SynonymFile(settings.synonymsFile, settings.spoken);
const activity = replacingDamaged(settings.activityPath, (path) => new ActivityFile(path));
const index = replacingDamaged(settings.path, (path) => new EmbeddedIndex(path, settings.spoken, activity));
const searcher: Searcher = {
  index,
  matcher: new Matcher(index),
  named: new NamedRows(index),
  synonyms: synonymFile.synonyms,
  spoken: settings.spoken,
};

giveBackMemory();
const upkeep = setInterval(reloadSynonyms, lookAgainMs);

parentPort?.on("message", ({ id, task }: { id: number; task: WorkerTask }) => {
  try {
    parentPort?.postMessage({ id, json: JSON.stringify(answer(task) ?? null) });
  } catch (error) {
    parentPort?.postMessage({
      id,
      error: String(error),
      sqliteCode: sqliteCodeOf(error),
    } satisfies WorkerAnswer);
    // A change that failed halfway leaves memory and file apart: begin again from the file.
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
    case "learn":
      return learn(task.activity);
    case "recall":
      return index.recallPopularity();
    case "taste":
      return tasteOf(task.customerId);
    case "count":
      return index.columns.liveRows;
    case "fact":
      return index.fact(task.name);
    case "state":
      return index.state(task.name, task.value);
    case "close":
      clearInterval(upkeep);
      activity[Symbol.dispose]();
      index[Symbol.dispose]();
      parentPort?.close();
  }
}

function learn({ queries, acts }: Activity): void {
  // A look may name what there is not; what is bought there is.
  const ofProducts = acts.filter(({ productId, bought }) => bought > 0 || index.rowOf(productId) > 0);
  for (const [id, popularity] of activity.learn({ queries, acts: ofProducts })) {
    const row = index.rowOf(id);
    if (row > 0) index.columns.setPopularity(row, popularity);
  }
}

function tasteOf(customerId: string): Taste | undefined {
  const { columns } = index;
  const liked = activity.actsOf(customerId).flatMap(({ product, weight }) => {
    const row = index.rowOf(product);
    return row === 0 ? [] : [{ ...columns.kindOf(row), weight }];
  });
  return tasteFrom(liked);
}

function reloadSynonyms(): void {
  if (!synonymFile.reload()) return;
  searcher.synonyms = synonymFile.synonyms;
  parentPort?.postMessage({ hasOtherSynonyms: true } satisfies WorkerAnswer);
}
