import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is truthy; throws after 15 s (unless told) with what was missing. Errors count as "not yet". */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  missing = "it never came to be",
  withinMs = 15_000,
): Promise<NonNullable<T>> {
  const until = Date.now() + withinMs;
  let failure: unknown;
  while (Date.now() < until) {
    try {
      const answer = await ask();
      if (answer) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await pause(10);
  }
  throw new Error(`${missing} within ${withinMs} ms`, { cause: failure });
}
