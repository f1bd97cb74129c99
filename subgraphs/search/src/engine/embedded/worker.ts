import { parentPort, workerData } from "node:worker_threads";
import { collectWhenIdle } from "@shop/service/collect-when-idle";
import { searchProducts } from "../../query/search-products.ts";
import { suggest } from "../../query/suggest.ts";
import type { Language } from "../../text/language.ts";
import { SynonymFile } from "../../text/synonym-file.ts";
import type { IndexDocument, SearchRequest, SkuStock } from "../engine.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { embeddedSearchIndex } from "./embedded-search-index.ts";
import { isAboutFile, openOrReplaceDamaged } from "./storage-errors.ts";

/** The settings of a worker. */
export type WorkerSettings = {
  path: string;
  languages: [Language, ...Language[]];
  /** Replaces the checked-in synonyms. */
  synonymsFile: string | undefined;
};

/** A call of a method. Answers are JSON text, which is cheaper to pass between threads than objects. */
export type WorkerCall = { id: number; method: keyof WorkerMethods; args: unknown[] };
export type WorkerAnswer =
  | { id: number; json: string }
  | { id: number; error: string; isAboutFile: boolean }
  /** A notification: the synonyms have been reloaded. */
  | { haveSynonymsChanged: true };

const checkEveryMs = 1_000;

const settings = workerData as WorkerSettings;
const synonymFile = new SynonymFile(settings.synonymsFile, settings.languages);
const index = openOrReplaceDamaged(settings.path, (path) => new EmbeddedIndex(path, settings.languages));
const searched = embeddedSearchIndex(index, synonymFile, settings.languages);

/** What a worker does; its answers come in the order of the calls. */
const methods = {
  search: (request: SearchRequest) => searchProducts(searched, request),
  suggest: (prefix: string, size: number) => suggest(searched, prefix, size),
  write: (documents: readonly IndexDocument[], stock: readonly SkuStock[]) => index.write(documents, stock),
  setPopularity: (popularity: readonly [id: string, popularity: number][]) => index.setPopularity(popularity),
  kindsOf: (productIds: readonly string[]) => index.kindsOf(productIds),
  count: () => index.columns.liveRows,
  metadata: (name: string) => index.file.metadata(name),
  setMetadata: (name: string, value: string) => index.file.setMetadata(name, value),
  close() {
    clearInterval(upkeep);
    index[Symbol.dispose]();
    parentPort?.close();
  },
};
export type WorkerMethods = typeof methods;

collectWhenIdle();
const upkeep = setInterval(() => {
  if (synonymFile.reload()) post({ haveSynonymsChanged: true });
}, checkEveryMs);

// One after the other: the arrays of a match are valid until the next one.
let turn: Promise<void> = Promise.resolve();
parentPort?.on("message", (call: WorkerCall) => {
  turn = turn.then(() => answer(call));
});

async function answer({ id, method, args }: WorkerCall): Promise<void> {
  try {
    const run = methods[method] as (...args: unknown[]) => unknown;
    post({ id, json: JSON.stringify((await run(...args)) ?? null) });
  } catch (error) {
    post({ id, error: String(error), isAboutFile: isAboutFile(error) });
    // After a failed write, memory and file may differ: the thread starts again from the file.
    if (method === "write" || method === "setPopularity") process.exit(1);
  }
}

function post(message: WorkerAnswer): void {
  parentPort?.postMessage(message);
}
