import { renameSync, rmSync } from "node:fs";

/** The index's file or its thread failed, and not what it was asked. */
export class StorageError extends Error {}

/** SQLite's code of an error; undefined for what has nothing to do with SQLite. */
export function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** An error of SQLite as what it says: of what was written, or of the file. */
export function asStorageError(message: string, sqliteCode: number | undefined): Error {
  const isOfFile = sqliteCode !== undefined && !ofWhatIsWritten.has(sqliteCode);
  return isOfFile ? new StorageError(message) : new Error(message);
}

/** Too big, against a constraint, of the wrong type, out of range. */
const ofWhatIsWritten = new Set([18, 19, 20, 25]);
/** Malformed, not a database. */
const ofDamage = new Set([11, 26]);

/** Opens a file; a damaged one is put aside, and a new one begun. */
export function openOrReplaceDamaged<T>(path: string, open: (path: string) => T): T {
  try {
    return open(path);
  } catch (error) {
    if (!ofDamage.has(sqliteCodeOf(error) ?? 0)) throw error;
    renameSync(path, `${path}.damaged`);
    for (const rest of ["-wal", "-shm"]) rmSync(path + rest, { force: true });
    return open(path);
  }
}
