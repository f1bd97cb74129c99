import type { Language } from "../analysis/language.ts";
import type { Activity, IndexDocument, SearchRequest, SkuStock } from "../engine.ts";

/** What a worker is started with. */
export type WorkerSettings = {
  path: string;
  /** The file of what shoppers did, which all indexes share. */
  activityPath: string;
  languages: [Language, ...Language[]];
  /** Another file than the checked-in one. */
  synonymsFile: string | undefined;
};

/** What a worker is asked; it answers in order. */
export type WorkerTask =
  | { kind: "search"; request: SearchRequest }
  | { kind: "suggest"; prefix: string; size: number }
  | { kind: "write"; documents: readonly IndexDocument[]; stock: readonly SkuStock[] }
  | { kind: "recordActivity"; activity: Activity }
  | { kind: "recall" }
  | { kind: "taste"; customerId: string }
  | { kind: "count" }
  | { kind: "fact"; name: string }
  | { kind: "state"; name: string; value: string }
  | { kind: "close" };

/** Answers travel as JSON text: cheaper to pass between threads than objects. A code is SQLite's own. */
export type WorkerAnswer =
  | { id: number; json: string }
  | { id: number; error: string; sqliteCode: number | undefined }
  /** Nobody asked: other synonyms count from now on. */
  | { hasOtherSynonyms: true };
