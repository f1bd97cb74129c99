import { pollLoop, type PollLoop } from "@shop/service";
import type { Deps } from "./deps.ts";
import { stockChanged } from "./domain/events.ts";
import { meetDeadlines } from "./store/flash-sales.ts";

/** A checkout that is in flight when its hold runs out has so long to arrive. */
export const holdGraceSeconds = 3;
/** Another instance, or a new hold, may have set a nearer end meanwhile. */
const maxSleepMs = 1_000;
/** Holds of a sale that end in one transaction. */
const maxHolds = 200;

/** Ends holds and closes sales, by the database's clock: asleep until the nearest end. */
export function meetFlashDeadlines({
  pg,
  changes,
  log,
  signal,
}: Pick<Deps, "pg" | "changes" | "log" | "signal">): PollLoop {
  const backoff = { firstMs: 100, maxMs: 2_000 };
  const onError = (error: unknown) =>
    log.warn({ err: error }, "flash sales' ends could not be met; trying again");
  return pollLoop({ everyMs: maxSleepMs, signal, backoff, onError }, async () => {
    const { handled, nextMs } = await pg.transact(async (tx) => {
      const met = await meetDeadlines(tx, holdGraceSeconds, maxHolds);
      tx.publish(...stockChanged(met.stock));
      for (const flash of met.changed) changes.note(tx, { flash });
      changes.note(tx, { stock: met.stock });
      return met;
    });
    if (handled >= maxHolds) return 0;
    return Math.min(maxSleepMs, Math.max(5, Math.ceil(nextMs ?? maxSleepMs)));
  });
}
