import { chmod, lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { dataFolderEntries, shopMark } from "./data-folder.ts";

/** What the launcher and all that it starts write from here on is for its user alone. */
export function restrictNewFiles(): void {
  process.umask(0o077);
}

/**
 * Closes to other users what an earlier release has left open. A folder that holds other things than a shop's stays as it
 * is; what the shop keeps in it is closed.
 */
export async function restrictPermissions(dataFolder: string): Promise<void> {
  const names = await readdir(dataFolder);
  const launchers = ["launcher.json", "launcher.log"];
  // Without the mark they are somebody else's things that are called like ours.
  const ours = new Set(names.includes(shopMark) ? [...dataFolderEntries, ...launchers] : launchers);
  if (names.every((name) => ours.has(name.replace(/\.new$/, "")))) await chmod(dataFolder, 0o700);
  await Promise.all(
    names.filter((name) => ours.has(name)).map((name) => restrict(path.join(dataFolder, name))),
  );
}

/** What a closed folder holds can't be reached; it is closed as well in case somebody moves it. */
async function restrict(place: string): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  if (!found || found.isSymbolicLink()) return;
  const mode = found.mode & 0o777;
  const closed = found.isDirectory() ? 0o700 : mode & 0o700;
  // A file may have gone since: programs that an earlier launcher has left are only just ending.
  if (mode !== closed) await chmod(place, closed).catch(ignoreMissing);
  if (!found.isDirectory() || ownClosed.has(path.basename(place))) return;
  const inside = await readdir(place);
  for (const name of inside) await restrict(path.join(place, name));
}

/** Thousands of files, which these stores keep closed themselves. */
const ownClosed = new Set(["postgres", "elasticsearch"]);

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
