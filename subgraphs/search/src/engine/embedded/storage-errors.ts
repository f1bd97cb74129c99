import { renameSync, rmSync } from "node:fs";

/** A failure of the index's file or thread, as opposed to one of the written document. */
export class StorageError extends Error {}

/** Whether SQLite's error is about the file; others are about the written document. */
export function isAboutFile(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code !== undefined && !documentErrorCodes.has(code);
}

function sqliteCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
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
