import { errors } from "@elastic/elasticsearch";
import { unavailable } from "@shop/service";
import { StorageError } from "./embedded/storage-errors.ts";

/**
 * Turns failures of the engine (it is away, full, or has lost its index) into `SERVICE_UNAVAILABLE`, which the projection
 * retries until it works. A failure of the document itself passes as it is: retries of it would block all events behind it.
 */
export async function asEngineError<T>(write: Promise<T>): Promise<T> {
  return write.catch((error: unknown) => {
    if (!isEngineError(error)) throw error;
    throw unavailable(`The search engine takes no changes now: ${String(error)}`);
  });
}

/** Another instance holds the rebuild lock and fills the index; the caller waits for it. */
export class RebuildInProgress extends Error {
  constructor() {
    super("another instance is filling the search index");
  }
}

/** Elasticsearch's error for one item of a bulk or multi-get request. */
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
