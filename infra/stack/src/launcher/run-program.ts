import { setTimeout as wait } from "node:timers/promises";
import { startProcess, tailOf, type RunningProcess } from "../processes/start-process.ts";
import { supervise, type Supervised } from "../processes/supervise.ts";
import type { ShopProgram } from "./programs.ts";

/** Starts one of our programs under supervision and answers as soon as the process exists. */
export async function runProgram(
  program: ShopProgram,
  dataFolder: string,
  onChange: (line: string) => void,
): Promise<Supervised> {
  const start = (): Promise<RunningProcess> =>
    startProcess({
      name: program.name,
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", "--enable-source-maps", ...program.args],
      env: { ...bareEnvironment(), ...program.env },
      dataFolder,
    });
  return supervise({ first: await start(), startAgain: start, onChange });
}

/** Waits until all its addresses answer 200. A program that keeps dying before that is given up with its last words. */
export async function waitUntilReady(
  running: Supervised,
  urls: string[],
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (const url of urls) {
    let answer = await ask(url);
    while (answer !== "ready") {
      if (running.restarts() >= givenUpAfter || running.lastExit()?.code === badConfiguration) {
        throw new Error(
          `${running.name} does not start; the end of ${running.logFile}:\n${lastWords(running.logFile)}`,
        );
      }
      if (Date.now() > deadline) {
        throw new Error(
          `${url} is not ready after ${withinMs / 1000} s (${answer}); the end of ${running.logFile}:\n${lastWords(running.logFile)}`,
        );
      }
      await wait(50, undefined, { signal });
      answer = await ask(url);
    }
  }
}

const givenUpAfter = 3;
/** What the host and the gateway exit with when starting again can't help. */
const badConfiguration = 78;

/** The messages at the end of a log, without what is for machines. */
function lastWords(logFile: string): string {
  const lines = tailOf(logFile, 20)
    .split("\n")
    .map((line) => /"msg":"((?:[^"\\]|\\.)*)"\}?$/.exec(line)?.[1]?.replaceAll("\\n", "\n") ?? line);
  return [...new Set(lines)].slice(-12).join("\n");
}

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return response.ok ? "ready" : text.slice(0, 300);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What was given to the launcher for all is handed on only to whom it concerns. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = { ...process.env };
  for (const name of [
    "PORT",
    "DATABASE_URL",
    "REDIS_URL",
    "NATS_URL",
    "ELASTICSEARCH_URL",
    "STRIPE_SECRET_KEY",
  ]) {
    delete kept[name];
  }
  delete kept["NODE_CHANNEL_FD"];
  return kept;
}
