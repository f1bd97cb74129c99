import { setTimeout as wait } from "node:timers/promises";

/** The events that services have yet to handle, by consumer, and the number of the stream's last one. */
export type Backlog = { lastSeq: number; waiting: Record<string, number> };

/** Longer than an outbox relay takes from a commit to the stream. */
const lookEveryMs = 100;
/** An event that fails waits for its retry: it delays the shop's opening for this long and no more. */
const maxStandstillMs = 10_000;

/**
 * Waits until all consumers have handled all events, and two looks find none that are new. Gives up when the backlog doesn't
 * shrink for 10 s, and returns the consumers that are behind then.
 */
export async function waitForBacklog(
  look: () => Promise<Backlog>,
  signal: AbortSignal,
  standstillMs = maxStandstillMs,
): Promise<string[]> {
  let before = await look();
  let least = Infinity;
  let deadline = Date.now() + standstillMs;
  for (;;) {
    await wait(lookEveryMs, undefined, { signal });
    const now = await look();
    const waiting = sumOf(now);
    if (waiting + sumOf(before) === 0 && now.lastSeq === before.lastSeq) return [];
    if (waiting < least) {
      least = waiting;
      deadline = Date.now() + standstillMs;
    } else if (Date.now() > deadline) {
      return Object.entries(now.waiting).flatMap(([name, count]) => (count > 0 ? `${name}: ${count}` : []));
    }
    before = now;
  }
}

function sumOf({ waiting }: Backlog): number {
  return Object.values(waiting).reduce((sum, count) => sum + count, 0);
}
