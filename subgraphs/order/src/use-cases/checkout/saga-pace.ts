import { codedError } from "@shop/service";

/** The steps of the saga whose time from the checkout is watched, and the median from which on it counts as lagging. */
const behindMs = { reserved: 1_000, confirmed: 2_000 };
type Step = keyof typeof behindMs;

/** How many of the latest orders count for a step, and with how few the step is not judged. */
const maxSamples = 32;
const minSamples = 8;
/** Older orders than this count for no step: the service behind it may be away. */
const sampleForMs = 3_000;
const maxWaitMs = 2_000;
/** How often the waiting checkouts look at the pace, all of them at once. */
const lookEveryMs = 25;
/** Checkouts beyond this many waiting ones are refused at once. */
const maxWaiting = 500;

/**
 * Holds checkouts back while the saga lags behind them: else every order's confirmation would take longer and longer. The lag
 * is the median time from checkout to reservation, or to confirmation where the customer had nothing more to do, of the latest
 * orders. While inventory or payment is away nothing is reserved or confirmed, and nothing is held back.
 */
export function openSagaPace(clock: () => number = Date.now) {
  const samples: Record<Step, { at: number; tookMs: number }[]> = { reserved: [], confirmed: [] };
  let waiting = 0;
  let look: Promise<void> | undefined;

  const isLate = (step: Step): boolean => {
    const since = clock() - sampleForMs;
    const recent = samples[step].filter(({ at }) => at >= since).map(({ tookMs }) => tookMs);
    if (recent.length < minSamples) return false;
    return (recent.toSorted((one, other) => one - other)[recent.length >> 1] ?? 0) > behindMs[step];
  };
  const isBehind = (): boolean => isLate("reserved") || isLate("confirmed");

  const nextLook = (): Promise<void> => {
    look ??= new Promise<void>((resolve) => setTimeout(resolve, lookEveryMs)).finally(
      () => (look = undefined),
    );
    return look;
  };

  return {
    /** Notes how long after its checkout an order came to this step. */
    note(step: Step, tookMs: number): void {
      samples[step].push({ at: clock(), tookMs });
      if (samples[step].length > maxSamples) samples[step].shift();
    },
    isBehind,
    /** Waits while the saga is behind, 2 s at most; then throws SERVICE_UNAVAILABLE with `retryAfterSeconds`. */
    async admit(): Promise<void> {
      const until = waiting < maxWaiting ? clock() + maxWaitMs : 0;
      waiting++;
      try {
        while (clock() < until) {
          if (!isBehind()) return;
          await nextLook();
        }
      } finally {
        waiting--;
      }
      throw codedError(
        "SERVICE_UNAVAILABLE",
        "There are more checkouts than can be confirmed in time. Try again in a second, under the same idempotency key.",
        { retryAfterSeconds: 1 },
      );
    },
  };
}
