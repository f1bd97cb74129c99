import { get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { tryParseJson } from "../messages.ts";
import { bareEnvironment } from "../processes/bare-environment.ts";
import { startProcess, tailOf, type RunningProcess } from "../processes/start-process.ts";
import { startRefused, supervise, type Supervised } from "../processes/supervise.ts";
import { compileCache } from "../repository.ts";
import type { ShopProgram } from "./programs.ts";

/** Starts a program under supervision and returns as soon as the process exists. */
export async function runProgram(
  program: ShopProgram,
  dataFolder: string,
  onChange: (line?: string) => void,
): Promise<Supervised> {
  const start = (): Promise<RunningProcess> =>
    program.port ? program.port.handOver(startWith) : startWith(undefined);
  const startWith = (socket: number | undefined): Promise<RunningProcess> =>
    startProcess({
      name: program.name,
      command: process.execPath,
      args: [...nodeFlags, ...inspector(program), ...program.args],
      env: {
        NODE_COMPILE_CACHE: compileCache,
        // By default glibc keeps a heap for every thread, and gives little of it back.
        MALLOC_ARENA_MAX: "2",
        // By default glibc raises these to 32 MB as large blocks come and go, and then gives none of them back.
        MALLOC_MMAP_THRESHOLD_: "131072",
        MALLOC_TRIM_THRESHOLD_: "1048576",
        ...bareEnvironment(),
        ...program.env,
        ...(socket !== undefined && { GATEWAY_LISTEN_FD: "3" }),
      },
      inherited: socket,
      dataFolder,
    });
  return supervise({ first: await start(), startAgain: start, onChange });
}

function inspector({ inspectPort }: ShopProgram): string[] {
  return inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
}

/** A young generation of 32 MB is collected half as often as one of 8; idle processes give it back. The compile cache is keyed by these flags. */
export const nodeFlags = ["--max-semi-space-size=32", "--expose-gc", "--disable-warning=ExperimentalWarning"];

/**
 * Waits until all URLs of a program answer 200. Throws with the end of its log when it was restarted 3 times before that, or when
 * its answer stays the same for `withinMs`; an answer that changes (a big index is being filled) restarts that time.
 */
export async function waitUntilReady(
  running: Supervised,
  urls: string[],
  instance: string | undefined,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  let deadline = Date.now() + withinMs;
  const restartsBefore = running.restarts();
  for (const url of urls) {
    let answer = await ask(url, instance);
    while (answer !== "ready") {
      const isRefused = running.lastExit()?.code === startRefused;
      const reasons = isRefused ? fatalMessages(running.logFile) : [];
      if (reasons.length > 0) throw new Error(reasons.join("\n"));
      if (isRefused || running.restarts() >= restartsBefore + maxRestarts) {
        throw new Error(
          `${running.name} does not start; the end of ${running.logFile}:\n${lastMessages(running.logFile)}`,
        );
      }
      if (Date.now() > deadline) {
        throw new Error(
          `${url} is not ready, for ${withinMs / 1000} s now (${answer}); the end of ${running.logFile}:\n${lastMessages(running.logFile)}`,
        );
      }
      await wait(50, undefined, { signal });
      const before = answer;
      answer = await ask(url, instance);
      if (answer !== before && answer.startsWith("{")) deadline = Date.now() + withinMs;
    }
  }
}

const maxRestarts = 3;

/** The fatal messages of the last process that wrote to a log, each once. */
function fatalMessages(logFile: string): string[] {
  const lines = tailOf(logFile, 60)
    .split("\n")
    .flatMap((line) => logLine.safeParse(tryParseJson(line)).data ?? []);
  const pid = lines.at(-1)?.pid;
  const fatal = lines.filter((line) => line.pid === pid && line.level === 60);
  return [...new Set(fatal.map(({ msg }) => msg))].filter((message) => message !== "");
}

const logLine = z.object({ level: z.int(), pid: z.int(), msg: z.string() });

/** The messages at the end of a log, without their JSON. */
function lastMessages(logFile: string): string {
  const lines = tailOf(logFile, 20)
    .split("\n")
    .map((line) => /"msg":"((?:[^"\\]|\\.)*)"\}?$/.exec(line)?.[1]?.replaceAll("\\n", "\n") ?? line);
  return [...new Set(lines)].slice(-12).join("\n");
}

/**
 * By node:http: `fetch` would cost the launcher 15 MB for as long as it lives. An answer counts only with the started
 * program's instance header: another program may have taken the port.
 */
function ask(url: string, instance: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 5_000, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      const by = response.headers["x-shop-instance"];
      response.on("end", () => {
        if (instance !== undefined && by !== instance) resolve("another program answers there");
        else resolve(response.statusCode === 200 ? "ready" : text.slice(0, 300));
      });
      response.on("error", (error) => resolve(error.message));
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", (error) => resolve(error.message));
  });
}
