import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";

/** How long `eventually` waits, and by what it sees that the awaited thing is still coming. */
export type Patience = {
  /** The wait ends after this long without progress; default 15 s. */
  withinMs?: number;
  /** A value that changes while the shop works, such as a count of rows or events: a new value restarts the time. */
  progress?: () => unknown;
  /** The pause between two calls; default 10 ms. */
  everyMs?: number;
};

const usualMs = 15_000;
/** A busy machine answers slower: the wait doesn't end before one call was made for each of these spans. */
const msPerAsk = 100;
/** The wait ends after this many times its time, however much progress there is. */
const longestTimes = 6;

/**
 * Calls `ask` until its answer is truthy. After 15 s (default) without an answer or progress it throws what was missing, the last
 * answer or error, and the last progress. An error counts as "not yet". A slow machine gets more time: at least 150 calls are made.
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  missing = "it never came to be",
  patience: number | Patience = {},
): Promise<NonNullable<T>> {
  const given = typeof patience === "number" ? { withinMs: patience } : patience;
  const { withinMs = usualMs, progress, everyMs = 10 } = given;
  const fewestAsks = withinMs / Math.max(msPerAsk, 2 * everyMs);
  const startedMs = performance.now();
  let sinceMs = startedMs;
  let asks = 0;
  let reason = "it was never asked";
  let failure: unknown;
  let moved: string | undefined;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      [failure, reason] = [undefined, `the last answer was ${short(answer)}`];
    } catch (error) {
      [failure, reason] = [error, `the last error was ${short(error)}`];
    }
    asks++;
    const now = short(await readProgress(progress));
    if (now !== moved) [moved, sinceMs, asks] = [now, performance.now(), 0];
    const nowMs = performance.now();
    const isStill = nowMs - sinceMs >= withinMs && asks >= fewestAsks;
    if (isStill || nowMs - startedMs >= withinMs * longestTimes) break;
    await pause(everyMs);
  }
  const waited = `${Math.round(performance.now() - startedMs)} ms`;
  const last = progress ? `; what moves was last ${moved}` : "";
  throw new Error(`${missing} within ${waited}: ${reason}${last}`, { cause: failure });
}

async function readProgress(progress: Patience["progress"]): Promise<unknown> {
  try {
    return await progress?.();
  } catch (error) {
    return error;
  }
}

function short(value: unknown): string {
  const text = value instanceof Error ? value.message : inspect(value, { depth: 4, breakLength: Infinity });
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
