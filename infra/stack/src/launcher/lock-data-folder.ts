import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { statSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { isRunning, startOf } from "../processes/pid-files.ts";

/** One launcher per data folder. Throws when another is at work there; answers how to let go. */
export async function lockDataFolder(dataFolder: string): Promise<() => Promise<void>> {
  await makeFolder(dataFolder).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The data folder can't be made: ${why}. Give another one: --data <folder>`);
  });
  const file = path.join(dataFolder, "launcher.json");
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? "" });
  for (;;) {
    try {
      await writeFile(file, mine, { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = claim.safeParse(parseOrNothing(await readFile(file, "utf8").catch(() => "")));
    if (holder.success && isRunning(holder.data)) {
      throw new Error(
        `A shop already runs on ${dataFolder} (process ${holder.data.pid}). Stop it, or give this one a folder of its own: --data <folder>`,
      );
    }
    await rm(file, { force: true });
  }
}

/** Whether a launcher is at work there. */
export async function isLocked(dataFolder: string): Promise<boolean> {
  const text = await readFile(path.join(dataFolder, "launcher.json"), "utf8").catch(() => "");
  const holder = claim.safeParse(parseOrNothing(text));
  return holder.success && isRunning(holder.data);
}

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

const claim = z.object({ pid: z.int().positive(), startedAt: z.string() });

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut off by a kill -9 in mid-write
  }
}
