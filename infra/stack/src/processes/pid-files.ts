import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { z } from "zod";

/** What is kept of a process that we started, so that a later run can tell it from a stranger with the same pid. */
export const pidFile = z.object({
  name: z.string(),
  pid: z.int().positive(),
  startedAt: z.string(),
  stopSignal: z.enum(["SIGTERM", "SIGINT"]),
});
export type PidFile = z.infer<typeof pidFile>;

export function pidFolder(dataFolder: string): string {
  return path.join(dataFolder, "run");
}

/** Synchronous, so that no instant lies between the start of a process and its being on record. */
export function writePidFile(folder: string, record: PidFile): void {
  writeFileSync(pidFileOf(folder, record.name), JSON.stringify(record), { mode: 0o600 });
}

export async function removePidFile(folder: string, name: string): Promise<void> {
  await rm(pidFileOf(folder, name), { force: true });
}

export async function readPidFiles(folder: string): Promise<PidFile[]> {
  await mkdir(folder, { recursive: true });
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
  const records = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(folder, file), "utf8").catch(() => "");
      const parsed = pidFile.safeParse(parseOrNothing(text));
      return parsed.success ? [parsed.data] : [];
    }),
  );
  return records.flat();
}

export function isRunning(record: Pick<PidFile, "pid" | "startedAt">): boolean {
  return startOf(record.pid) === record.startedAt;
}

/** When a process began, as a text to compare; undefined when it is gone (or only waits to be reaped). */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      return (
        execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined
      );
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${bootId()}:${fields[19]}`;
  } catch {
    return undefined; // no such process: that is the answer
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function pidFileOf(folder: string, name: string): string {
  return path.join(folder, `${name}.json`);
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // cut off by a kill -9 in mid-write
  }
}
