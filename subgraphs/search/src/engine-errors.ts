import { errors } from "@elastic/elasticsearch";
import { unavailable } from "@shop/service";
import { StorageError } from "./embedded/storage-errors.ts";

/**
 * Writes, and tells failures of the engine (it is away, full, or has lost its index) from those of what is written: after
 * the former the same is tried until it works, the latter would hold up everything behind it.
 */
export async function asEngineError<T>(write: Promise<T>): Promise<T> {
  return write.catch((error: unknown) => {
    if (!isEngineError(error)) throw error;
    throw unavailable(`The search engine takes no changes now: ${String(error)}`);
  });
}

/** An answer of Elasticsearch to one part of a request. */
export class ItemError extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

function isEngineError(error: unknown): boolean {
  if (error instanceof ItemError) return !documentErrorStatuses.has(error.status);
  if (error instanceof errors.ResponseError) return !documentErrorStatuses.has(error.statusCode ?? 0);
  if (error instanceof errors.ElasticsearchClientError) return true;
  return error instanceof StorageError;
}

const documentErrorStatuses = new Set([400, 413]);
