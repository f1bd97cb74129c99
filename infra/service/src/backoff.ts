import { setTimeout as pause } from "node:timers/promises";

/** The wait before try number `attempt` (from 1): doubling from `firstMs` to at most `mostMs`, with a fifth of chance in it. */
export function backoffMs(attempt: number, firstMs = 50, mostMs = 5_000): number {
  const wait = Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(wait * (0.9 + Math.random() * 0.2));
}

/** Waits; returns early, without an error, when the signal is given. */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** A bell that a loop sleeps on: `ring` ends the sleep, or lets the next one pass at once. */
export function bell(): { ring: () => void; wait: (ms: number) => Promise<void> } {
  let isRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      isRung = true;
      wake?.();
    },
    async wait(ms) {
      if (!isRung) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        wake = resolve;
        await promise;
        clearTimeout(timer);
        wake = undefined;
      }
      isRung = false;
    },
  };
}
