import type { Language } from "../../text/language.ts";
import type { IndexDocument, SearchRequest, SkuStock } from "../engine.ts";

/** The settings of a worker. */
export type WorkerSettings = {
  path: string;
  languages: [Language, ...Language[]];
  /** Replaces the checked-in synonyms. */
  synonymsFile: string | undefined;
};

/** A worker's tasks, which it answers in order. */
export type WorkerTask =
  | { kind: "search"; request: SearchRequest }
  | { kind: "suggest"; prefix: string; size: number }
  | { kind: "write"; documents: readonly IndexDocument[]; stock: readonly SkuStock[] }
  | { kind: "setPopularity"; popularity: readonly [productId: string, popularity: number][] }
  | { kind: "kinds"; productIds: readonly string[] }
  | { kind: "count" }
  | { kind: "metadata"; name: string }
  | { kind: "setMetadata"; name: string; value: string }
  | { kind: "close" };

/** Answers are JSON text, which is cheaper to pass between threads than objects. */
export type WorkerAnswer =
  | { id: number; json: string }
  | { id: number; error: string; sqliteCode: number | undefined }
  /** A notification: the synonyms have been reloaded. */
  | { haveSynonymsChanged: true };
