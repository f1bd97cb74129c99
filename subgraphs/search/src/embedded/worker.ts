import { readFileSync, statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { fold } from "../analysis/fold.ts";
import { readSynonyms } from "../analysis/synonyms.ts";
import type { SearchRequest, SearchResult } from "../engine.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { Matcher } from "./match-rows.ts";
import { searchIndex, type Searcher } from "./search-index.ts";
import { suggest } from "./suggest.ts";
import type { WorkerSettings, WorkerTask } from "./worker-protocol.ts";

const learnEveryMs = 5_000;
const mostLearnedAtOnce = 2_000;
const longestLearned = 60;

const settings = workerData as WorkerSettings;
const synonymsFile = settings.synonymsFile ?? new URL("../analysis/synonyms.txt", import.meta.url);
let synonymsChangedAt = 0;
const index = new EmbeddedIndex(settings.path, settings.spoken);
const searcher: Searcher = {
  index,
  matcher: new Matcher(index),
  synonyms: new Map(),
  spoken: settings.spoken,
};
const asked = new Map<string, number>();

reloadSynonyms();
const upkeep = setInterval(() => {
  reloadSynonyms();
  learnQueries();
}, learnEveryMs);

parentPort?.on("message", ({ id, task }: { id: number; task: WorkerTask }) => {
  try {
    parentPort?.postMessage({ id, json: JSON.stringify(answer(task) ?? null) });
  } catch (error) {
    parentPort?.postMessage({
      id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    // A change that failed halfway leaves memory and file apart: begin again from the file.
    if (task.kind === "write") process.exit(1);
  }
});

function answer(task: WorkerTask): unknown {
  switch (task.kind) {
    case "search":
      return search(task.request);
    case "suggest":
      return suggest(searcher, task.prefix, task.size);
    case "write":
      return index.write(task.documents, task.stock);
    case "count":
      return index.columns.liveRows;
    case "fact":
      return index.fact(task.name);
    case "state":
      return index.state(task.name, task.value);
    case "close":
      clearInterval(upkeep);
      learnQueries();
      index[Symbol.dispose]();
      parentPort?.close();
  }
}

function search(request: SearchRequest): SearchResult {
  const result = searchIndex(searcher, request);
  if (result.totalCount > 0 && result.didYouMean === null && !request.after) {
    const query = fold(request.query).trim();
    const canLearn = query.length > 1 && query.length <= longestLearned && asked.size < mostLearnedAtOnce;
    if (canLearn) asked.set(query, (asked.get(query) ?? 0) + 1);
  }
  return result;
}

function learnQueries(): void {
  if (asked.size > 0) index.learnQueries(asked);
  asked.clear();
}

function reloadSynonyms(): void {
  const changedAt = statSync(synonymsFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changedAt === synonymsChangedAt) return;
  synonymsChangedAt = changedAt;
  searcher.synonyms = readSynonyms(
    changedAt === 0 ? "" : readFileSync(synonymsFile, "utf8"),
    settings.spoken,
  );
}
