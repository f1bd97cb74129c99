import { setTimeout as pause } from "node:timers/promises";
import { backoffMs } from "./backoff.ts";

/** Waits; returns early, without an error, when the signal is given. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** An auto-reset wake-up signal for poll loops: `wake` ends the sleep, or lets the next one pass at once. */
export type Wakeup = { wake: () => void; wait: (ms: number) => Promise<void> };

export function createWakeup(): Wakeup {
  let isSet = false;
  let wake: (() => void) | undefined;
  return {
    wake() {
      isSet = true;
      wake?.();
    },
    async wait(ms) {
      if (!isSet) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        wake = resolve;
        await promise;
        clearTimeout(timer);
        wake = undefined;
      }
      isSet = false;
    },
  };
}

export type PollOptions = {
  /** The pause after a run that asks for none of its own. */
  everyMs: number;
  /** The pause before the first run, default none. */
  firstAfterMs?: number;
  /** Ends the loop as disposal does; a run that is under way is waited for. */
  signal?: AbortSignal;
  /** Ends a pause early. */
  wakeup?: Wakeup;
  /** The pauses after failed runs, see `backoffMs`; `isWakeable`: `wakeup` ends them, too. Default `everyMs` each time. */
  backoff?: { firstMs?: number; maxMs?: number; isWakeable?: boolean };
  /** Called with what a run threw and how many have failed in a row; not once the loop is ended. */
  onError: (error: unknown, failures: number) => void;
};

/** A running poll loop; disposing ends it and waits for the run that is under way. */
export type PollLoop = AsyncDisposable & { running: Promise<void> };

/**
 * Runs `work` again and again, one run at a time. A run may answer the milliseconds until the next one;
 * 0 is at once.
 */
export function pollLoop(
  options: PollOptions,
  work: (signal: AbortSignal) => Promise<number | undefined | void>, // oxlint-disable-line typescript/no-invalid-void-type -- most works answer nothing
): PollLoop {
  const { everyMs, backoff, onError, wakeup = createWakeup() } = options;
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
  signal.addEventListener("abort", wakeup.wake, { once: true });

  const run = async () => {
    if (options.firstAfterMs) await wakeup.wait(options.firstAfterMs);
    for (let failures = 0; !signal.aborted;) {
      try {
        const pauseMs = (await work(signal)) ?? everyMs;
        failures = 0;
        if (pauseMs > 0 && !signal.aborted) await wakeup.wait(pauseMs);
      } catch (error) {
        if (signal.aborted) return;
        onError(error, ++failures);
        const pauseMs = backoff ? backoffMs(failures, backoff.firstMs, backoff.maxMs) : everyMs;
        await (backoff?.isWakeable ? wakeup.wait(pauseMs) : sleep(pauseMs, signal));
      }
    }
  };
  const running = run();
  return {
    running,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}
