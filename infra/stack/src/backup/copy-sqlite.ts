import { existsSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";

/** A whole copy of a SQLite file, also while another process writes to it. Nothing where there is no such file. */
export async function copySqlite(file: string, to: string): Promise<void> {
  if (!existsSync(file)) return;
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    await backup(database, to, { rate: 1_000 });
  } finally {
    database.close();
  }
  await chmod(to, 0o600);
}
