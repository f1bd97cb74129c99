import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { tryParseJson } from "../messages.ts";

/** The pid file of a started process. The start time distinguishes it from another process that got the same pid later. */
export const pidFile = z.object({
  name: z.string(),
  pid: z.int().positive(),
  startedAt: z.string(),
  stopSignal: z.enum(["SIGTERM", "SIGINT"]),
});
export type PidFile = z.infer<typeof pidFile>;

export const pidFolder = (dataFolder: string): string => path.join(dataFolder, "run");
const pidFileIn = (folder: string, name: string): string => path.join(folder, `${name}.json`);

/** Synchronous, so that no instant lies between the start of a process and its pid file. */
export function writePidFile(folder: string, file: PidFile): void {
  writeFileSync(pidFileIn(folder, file.name), JSON.stringify(file), { mode: 0o600 });
}

export async function removePidFile(folder: string, name: string): Promise<void> {
  await rm(pidFileIn(folder, name), { force: true });
}

/** The pid files of a folder, without those that a kill -9 cut off. */
export async function readPidFiles(folder: string): Promise<PidFile[]> {
  await mkdir(folder, { recursive: true });
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(folder, file), "utf8").catch(() => "")),
  );
  return texts.flatMap((text) => pidFile.safeParse(tryParseJson(text)).data ?? []);
}

export function isRunning({ pid, startedAt }: Pick<PidFile, "pid" | "startedAt">): boolean {
  return startOf(pid) === startedAt;
}

/** When a process began, as a text to compare; undefined when it is gone (or only waits to be reaped). */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
      return started.trim() || undefined;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${bootId}:${fields[19]}`;
  } catch {
    return undefined; // no such process: that is the answer
  }
}
