import { renameSync, rmSync } from "node:fs";

/** A failure of the index's file or thread, as opposed to one of the written document. */
export class StorageError extends Error {}

/** SQLite's code of an error; undefined for other errors. */
export function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** A `StorageError` if SQLite's code is about the file, else an error about the written document. */
export function asStorageError(message: string, sqliteCode: number | undefined): Error {
  const isAboutFile = sqliteCode !== undefined && !documentErrorCodes.has(sqliteCode);
  return isAboutFile ? new StorageError(message) : new Error(message);
}

/** Too big, against a constraint, of the wrong type, out of range. */
const documentErrorCodes = new Set([18, 19, 20, 25]);
/** Malformed, not a database. */
const damageCodes = new Set([11, 26]);

/** Opens a file; a damaged one is renamed to `.damaged`, and a new one begun. */
export function openOrReplaceDamaged<T>(path: string, open: (path: string) => T): T {
  try {
    return open(path);
  } catch (error) {
    if (!damageCodes.has(sqliteCodeOf(error) ?? 0)) throw error;
    renameSync(path, `${path}.damaged`);
    for (const rest of ["-wal", "-shm"]) rmSync(path + rest, { force: true });
    return open(path);
  }
}
