import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pidFolder, removePidFile, startOf, writePidFile } from "./pid-files.ts";

export type ProcessToStart = {
  name: string;
  command: string;
  args: string[];
  /** The whole environment of the process. */
  env: NodeJS.ProcessEnv;
  /** Gets its pid file and its log. */
  dataFolder: string;
  /** An open file descriptor that it inherits as its descriptor 3. */
  inherited?: number | undefined;
  /** The signal of its orderly stop; default SIGTERM. */
  stopSignal?: "SIGTERM" | "SIGINT";
};

export type RunningProcess = {
  name: string;
  pid: number;
  logFile: string;
  exited: Promise<ProcessExit>;
  hasExited(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Sends the stop signal; after `graceMs` it and its whole group are killed. */
  stop(graceMs?: number): Promise<void>;
};

export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null };

/** Starts a process in a group of its own (a Ctrl-C in the terminal doesn't reach it) and writes its pid file. */
export async function startProcess(wanted: ProcessToStart): Promise<RunningProcess> {
  const { name, dataFolder, stopSignal = "SIGTERM" } = wanted;
  const pids = pidFolder(dataFolder);
  const logFile = path.join(dataFolder, "logs", `${name}.log`);
  mkdirSync(pids, { recursive: true, mode: 0o700 });
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openLog(logFile);
  const child = spawn(wanted.command, wanted.args, {
    detached: true,
    stdio: ["ignore", log, log, ...(wanted.inherited === undefined ? [] : [wanted.inherited])],
    env: wanted.env,
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) {
    const reason = await new Promise<Error>((resolve) => child.once("error", resolve));
    throw new Error(`${name} could not be started: ${reason.message}`, { cause: reason });
  }
  const startedAt = startOf(pid);
  if (startedAt !== undefined) writePidFile(pids, { name, pid, startedAt, stopSignal });

  let gone = false;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once("exit", (code, signal) => {
      gone = true;
      signalGroup(pid, "SIGKILL"); // what it may have left in its group
      void removePidFile(pids, name).then(() => resolve({ code, signal }));
    });
  });
  return {
    name,
    pid,
    logFile,
    exited,
    hasExited: () => gone,
    kill: (signal) => void child.kill(signal),
    stop: async (graceMs = 8_000) => {
      if (gone) return;
      child.kill(stopSignal);
      const timer = new AbortController();
      await Promise.race([exited, wait(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
      if (!gone) signalGroup(pid, "SIGKILL");
      await exited;
    },
  };
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The end of a log, for the message that says why a process did not come up. */
export function tailOf(logFile: string, lines = 12): string {
  if (!existsSync(logFile)) return "";
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

const maxLogBytes = 20 * 1024 * 1024;

function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}
