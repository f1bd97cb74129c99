import { codedError } from "@shop/service";

/** The latest reservations that count. */
const maxSamples = 32;
/** Fewer than this within the last second say nothing. */
const minSamples = 8;
const sampleForMs = 1_000;
/** From the checkout to its reserved stock; an idle shop takes about 10 ms. */
const behindMs = 1_000;
/** A reservation that took longer waited for an outage, not in a queue. */
const outageMs = 10_000;
const maxWaitMs = 2_000;
const lookEveryMs = 25;

/**
 * Holds checkouts back while the saga lags behind them: else every order's confirmation would take longer and longer. The lag
 * is the median time from checkout to reservation of the last second's orders; no reservation within that second, as when
 * inventory is away, holds nothing back.
 */
export function openSagaPace(clock: () => number = Date.now) {
  const samples: { at: number; tookMs: number }[] = [];

  const isBehind = (): boolean => {
    const since = clock() - sampleForMs;
    const recent = samples.filter(({ at }) => at >= since).map(({ tookMs }) => tookMs);
    if (recent.length < minSamples) return false;
    return (recent.toSorted((one, other) => one - other)[recent.length >> 1] ?? 0) > behindMs;
  };

  return {
    /** Notes how long after its checkout an order's stock was reserved. */
    reserved(tookMs: number): void {
      if (tookMs > outageMs) return;
      samples.push({ at: clock(), tookMs });
      if (samples.length > maxSamples) samples.shift();
    },
    isBehind,
    /** Waits while the saga is behind, 2 s at most; then throws SERVICE_UNAVAILABLE with `retryAfterSeconds`. */
    async admit(): Promise<void> {
      if (!isBehind()) return;
      const until = clock() + maxWaitMs;
      while (clock() < until) {
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
        if (!isBehind()) return;
      }
      throw codedError(
        "SERVICE_UNAVAILABLE",
        "There are more checkouts than can be confirmed in time. Try again in a second, under the same idempotency key.",
        { retryAfterSeconds: 1 },
      );
    },
  };
}
