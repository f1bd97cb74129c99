import { chmod, lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { dataFolderEntries, shopMark } from "./data-folder.ts";

/** Files that the launcher and its processes write from here on are for its user alone. */
export function restrictNewFiles(): void {
  process.umask(0o077);
}

/**
 * Closes a shop's files to other users, such as those of earlier releases. A folder that holds other things as well keeps its
 * mode; the shop's entries in it are closed.
 */
export async function restrictPermissions(dataFolder: string): Promise<void> {
  const names = await readdir(dataFolder);
  const launchers = ["launcher.json", "launcher.log"];
  // Without the mark, entries with these names are no shop's.
  const ours = new Set(names.includes(shopMark) ? [...dataFolderEntries, ...launchers] : launchers);
  if (names.every((name) => ours.has(name.replace(/\.new$/, "")))) await chmod(dataFolder, 0o700);
  await Promise.all(
    names.filter((name) => ours.has(name)).map((name) => restrict(path.join(dataFolder, name))),
  );
}

/** Files in a closed folder can't be reached; they are closed as well in case they are moved. */
async function restrict(place: string): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  if (!found || found.isSymbolicLink()) return;
  const mode = found.mode & 0o777;
  const closed = found.isDirectory() ? 0o700 : mode & 0o700;
  // A file may have vanished: orphans of an earlier launcher are still ending.
  if (mode !== closed) await chmod(place, closed).catch(ignoreMissing);
  if (!found.isDirectory() || ownClosed.has(path.basename(place))) return;
  const inside = await readdir(place);
  for (const name of inside) await restrict(path.join(place, name));
}

/** Stores with thousands of files, which they keep closed themselves. */
const ownClosed = new Set(["postgres", "elasticsearch"]);

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
