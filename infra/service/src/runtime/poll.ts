import { setTimeout as pause } from "node:timers/promises";

/** The wait before try number `attempt` (from 1): doubling from `firstMs` to at most `maxMs`, with a fifth of chance in it. */
export function backoffMs(attempt: number, firstMs = 50, maxMs = 5_000): number {
  const wait = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(wait * (0.9 + Math.random() * 0.2));
}

/** Waits; returns early, without an error, when the signal is given. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** An auto-reset wake-up signal for poll loops: `wake` ends the sleep, or lets the next one pass at once. */
export function createWakeup(): { wake: () => void; wait: (ms: number) => Promise<void> } {
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
