import { expect, test } from "vitest";
import { createWakeup, pollLoop } from "./poll-loop.ts";

const forever = 2 ** 31 - 1;
const unexpected = (error: unknown) => expect.fail(String(error));

/** Resolves at the call of the returned function that has this number. */
function countdown(calls: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { reached: promise, count: () => void (--calls === 0 && resolve()) };
}

test("runs at once, then after each pause, one run at a time", async () => {
  const { reached, count } = countdown(3);
  let isRunning = false;
  await using loop = pollLoop({ everyMs: 1, onError: unexpected }, async () => {
    expect(isRunning).toBe(false);
    isRunning = true;
    await new Promise((resolve) => setImmediate(resolve));
    isRunning = false;
    count();
  });
  await reached;
  expect(loop.running).toBeInstanceOf(Promise);
});

test("a wake-up ends the pause, also one that came during the run", async () => {
  const wakeup = createWakeup();
  const { reached, count } = countdown(3);
  let runs = 0;
  await using _ = pollLoop({ everyMs: forever, wakeup, onError: unexpected }, async () => {
    count();
    if (++runs < 3) wakeup.wake();
  });
  await reached;
});

test("a run says itself when the next one is due", async () => {
  const { reached, count } = countdown(100);
  await using _ = pollLoop({ everyMs: forever, onError: unexpected }, async () => {
    count();
    return 0;
  });
  await reached;
});

test("failures in a row are counted and wait longer each time; a success begins anew", async () => {
  const { reached, count } = countdown(5);
  const failures: number[] = [];
  let runs = 0;
  const onError = (_: unknown, failed: number) => void failures.push(failed);
  await using _ = pollLoop({ everyMs: 1, backoff: { firstMs: 1, maxMs: 2 }, onError }, async () => {
    count();
    if (++runs !== 3) throw new Error("no");
  });
  await reached;
  expect(failures.slice(0, 3)).toEqual([1, 2, 1]);
});

test("a wake-up ends the pause after a failure only where that is wanted", async () => {
  for (const isWakeable of [true, false]) {
    const wakeup = createWakeup();
    const { reached, count } = countdown(2);
    let runs = 0;
    const loop = pollLoop(
      { everyMs: 1, wakeup, backoff: { firstMs: 50_000, maxMs: 50_000, isWakeable }, onError: wakeup.wake },
      async () => {
        runs++;
        count();
        throw new Error("no");
      },
    );
    await (isWakeable ? reached : new Promise((resolve) => setTimeout(resolve, 20)));
    await loop[Symbol.asyncDispose]();
    expect(runs > 1).toBe(isWakeable);
  }
});

test("disposal and the signal end the pause, wait for the run under way, and report no error of it", async () => {
  for (const isSignalled of [true, false]) {
    const stopping = new AbortController();
    const started = Promise.withResolvers<void>();
    let isDone = false;
    const loop = pollLoop(
      { everyMs: forever, signal: stopping.signal, onError: unexpected },
      async (signal) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        isDone = true;
        throw new Error("the store was closed");
      },
    );
    await started.promise;
    if (isSignalled) stopping.abort();
    else await loop[Symbol.asyncDispose]();
    await loop.running;
    expect(isDone).toBe(true);
  }
});
