import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../messages.ts";
import type { ProcessExit, RunningProcess } from "./start-process.ts";

export type Supervised = {
  name: string;
  pid: () => number;
  logFile: string;
  /** How often it has been started again. */
  restarts: () => number;
  /** How it ended last, if it has. */
  lastExit: () => ProcessExit | undefined;
  /** Stops it and keeps it down until `release`. */
  hold: (graceMs?: number) => Promise<void>;
  release: () => void;
  stop: (graceMs?: number) => Promise<void>;
};

export type ToSupervise = {
  first: RunningProcess;
  startAgain: () => Promise<RunningProcess>;
  /** Called after each end and each new start, with a line for the operator where the process was not held. */
  onChange?: (line?: string) => void;
};

/** The exit code of the host and the gateway when a restart can't help: the reason is in their log. */
export const startRefused = 78;

/**
 * Starts a process again whenever it ends by itself: at once, then after 100 ms doubling to 5 s while it won't stay; after a
 * refused start not before a second has passed, in which the launcher may give it up.
 */
export function supervise({ first, startAgain, onChange = () => undefined }: ToSupervise): Supervised {
  const { name, logFile } = first;
  const stopping = new AbortController();
  let current = first;
  let restarts = 0;
  let lastExit: ProcessExit | undefined;
  let held: PromiseWithResolvers<void> | undefined;
  let pauseMs = 0;

  const watching = watch();
  return {
    name,
    logFile,
    pid: () => current.pid,
    restarts: () => restarts,
    lastExit: () => lastExit,
    hold: async (graceMs) => {
      held ??= Promise.withResolvers();
      await current.stop(graceMs);
    },
    release: () => {
      lastExit = undefined;
      pauseMs = 0;
      held?.resolve();
      held = undefined;
    },
    stop: async (graceMs) => {
      stopping.abort();
      held?.resolve();
      await current.stop(graceMs);
      await watching;
      await current.stop(graceMs); // one that was just being started again
    },
  };

  async function watch(): Promise<void> {
    let startedMs = Date.now();
    for (;;) {
      const exit = await current.exited;
      lastExit = exit;
      if (stopping.signal.aborted) return;
      if (Date.now() - startedMs > healthyAfterMs) pauseMs = 0;
      const how = exit.signal ?? `code ${exit.code}`;
      const wasHeld = held !== undefined;
      const isRefused = exit.code === startRefused;
      if (isRefused) pauseMs = Math.max(pauseMs, afterRefusalMs);
      const line = isRefused ? `refused to start (${how})` : `ended (${how}), starting it again`;
      onChange(wasHeld ? undefined : `${name} ${line}; see ${logFile}`);
      for (let isUp = false; !isUp;) {
        await held?.promise;
        await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        if (held) continue; // held while it was paused
        pauseMs = Math.min(Math.max(pauseMs * 2, minPauseMs), maxPauseMs);
        startedMs = Date.now();
        restarts += 1;
        try {
          current = await startAgain();
          isUp = true;
          if (held) void current.stop(); // held while it was just being started
        } catch (error) {
          onChange(`${name} did not start: ${messageOf(error)}`);
        }
      }
      onChange(wasHeld ? undefined : `${name} is up again (pid ${current.pid})`);
    }
  }
}

const minPauseMs = 100;
const maxPauseMs = 5_000;
const afterRefusalMs = 1_000;
const healthyAfterMs = 10_000;
