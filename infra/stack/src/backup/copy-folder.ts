import { chmod, copyFile, lstat, mkdir, readdir } from "node:fs/promises";
import { constants } from "node:fs";
import path from "node:path";

export type CopyOptions = {
  /** By path below the folder; default: all. */
  isWanted?: (file: string) => boolean;
  /** Called after each file with the number of files and bytes so far. */
  onFile?: (files: number, bytes: number) => void;
};

/** Copies a folder for its owner alone. A file that vanishes meanwhile (a table that was dropped) is left out. */
export async function copyFolder(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const { isWanted = () => true, onFile = () => undefined } = options;
  let files = 0;
  let bytes = 0;
  await copy("");

  async function copy(below: string): Promise<void> {
    const target = path.join(to, below);
    await mkdir(target, { recursive: true, mode: 0o700 });
    await chmod(target, 0o700);
    for (const entry of await readdir(path.join(from, below), { withFileTypes: true }).catch(ifMissing([]))) {
      const file = path.join(below, entry.name);
      if (!isWanted(file)) continue;
      if (entry.isDirectory()) await copy(file);
      else if (entry.isFile()) await copyOne(file);
    }
  }

  async function copyOne(file: string): Promise<void> {
    const target = path.join(to, file);
    // The file system shares unchanged blocks, where it can.
    const isCopied = await copyFile(path.join(from, file), target, constants.COPYFILE_FICLONE)
      .then(() => true)
      .catch(ifMissing(false));
    if (!isCopied) return;
    await chmod(target, 0o600);
    files += 1;
    bytes += (await lstat(target)).size;
    onFile(files, bytes);
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
