import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { isRunning, startOf } from "../processes/process-record.ts";

/** One launcher per data folder. Throws when another is at work there; answers how to let go. */
export async function claimFolder(dataFolder: string): Promise<() => Promise<void>> {
  await mkdir(dataFolder, { recursive: true });
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

const claim = z.object({ pid: z.int().positive(), startedAt: z.string() });

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut off by a kill -9 in mid-write
  }
}
