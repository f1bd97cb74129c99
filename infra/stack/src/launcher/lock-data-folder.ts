import { statSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, tryParseJson } from "../messages.ts";
import { isRunning, pidFile, startOf } from "../processes/pid-files.ts";

/** Lets one launcher at a time use a data folder. Throws while another one does; returns the release of the lock. */
export async function lockDataFolder(dataFolder: string): Promise<() => Promise<void>> {
  await makeFolder(dataFolder).catch((error: unknown) => {
    throw new Error(`The data folder can't be made: ${messageOf(error)}. Give another one: --data <folder>`);
  });
  const file = lockIn(dataFolder);
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? "" });
  for (;;) {
    try {
      await writeFile(file, mine, { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = await holderOf(dataFolder);
    if (holder !== undefined) {
      throw new Error(
        `A shop already runs on ${dataFolder} (process ${holder.pid}). Stop it, or give this one a folder of its own: --data <folder>`,
      );
    }
    await rm(file, { force: true });
  }
}

export async function isLocked(dataFolder: string): Promise<boolean> {
  return (await holderOf(dataFolder)) !== undefined;
}

/** The running launcher that holds the lock; undefined for the lock of one that was killed. */
async function holderOf(dataFolder: string): Promise<{ pid: number } | undefined> {
  const text = await readFile(lockIn(dataFolder), "utf8").catch(() => "");
  const holder = lock.safeParse(tryParseJson(text));
  return holder.success && isRunning(holder.data) ? holder.data : undefined;
}

const lockIn = (dataFolder: string) => path.join(dataFolder, "launcher.json");
const lock = pidFile.pick({ pid: true, startedAt: true });

/** Step by step: `recursive` never comes back in places such as /proc, where a folder that is there takes no other. */
async function makeFolder(folder: string, mode = 0o700): Promise<void> {
  const isMissing = await mkdir(folder).then(
    // The mode as it is, whatever the umask: a folder above the shop's may hold programs that other users run.
    () => chmod(folder, mode).then(() => false),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return true;
      if (error.code === "EEXIST" && statSync(folder).isDirectory()) return false;
      throw error;
    },
  );
  if (!isMissing) return;
  await makeFolder(path.dirname(folder), 0o755);
  await mkdir(folder);
  await chmod(folder, mode);
}
