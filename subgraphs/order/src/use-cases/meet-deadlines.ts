import { backoffMs, isConnectionLoss, pollLoop, type PollLoop } from "@shop/service";
import type { Deps } from "../deps.ts";
import type { Due } from "../store/store.ts";

/** Due orders that are read at once, and how many of them are handled concurrently. */
const batchSize = 50;
const concurrency = 4;
/** Another instance, or an event, may have set a nearer deadline meanwhile. */
const maxSleepMs = 1_000;
/** While an overdue order's row is locked. */
const lockedSleepMs = 100;

/** Expires unpaid orders when they are due, and sends reminders of overdue answers. By the database's clock. */
export function meetDeadlines({
  pg,
  log,
  signal,
  store,
}: Pick<Deps, "pg" | "log" | "signal" | "store">): PollLoop {
  /** False when it failed or the row is locked, whose lock may be released in a moment. */
  async function meet({ id, status, isExpired }: Due): Promise<boolean> {
    const type = isExpired ? "ExpireOrder" : "SendReminders";
    try {
      const change = await pg.transact((tx) => store.change(tx, id, { type }, { skipsLocked: true }));
      const { decision, order } = change;
      if (type === "SendReminders" && decision.outcome === "changed") {
        const events = decision.events.map((event) => event.type);
        log.warn({ order: id, status, events }, "an order is overdue; its last events are published again");
      }
      return order !== undefined;
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      log.warn({ err: error, order: id }, "an order's deadline could not be met; trying again");
      return false;
    }
  }

  /** Concurrently, so that a slow order delays no other. Returns how many deadlines are left. */
  async function meetAll(orders: Due[]): Promise<number> {
    const waiting = orders.values();
    let left = 0;
    const worker = async () => {
      for (const order of waiting) if (!(await meet(order))) left++;
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return left;
  }

  /** Runs in a row after which deadlines were left. */
  let unfinished = 0;
  const backoff = { firstMs: 100, maxMs: 2_000 };
  const onError = (error: unknown) => log.warn({ err: error }, "due orders could not be read; trying again");
  return pollLoop({ everyMs: maxSleepMs, signal, backoff, onError }, async () => {
    const due = await store.due(batchSize);
    const left = await meetAll(due);
    unfinished = left > 0 ? unfinished + 1 : 0;
    if (left > 0) return backoffMs(unfinished, backoff.firstMs, backoff.maxMs);
    if (due.length === batchSize) return 0;
    const nextMs = (await store.nextDueMs()) ?? maxSleepMs;
    const sleepMs = nextMs <= 0 ? lockedSleepMs : Math.ceil(nextMs);
    return Math.min(maxSleepMs, Math.max(5, sleepMs));
  });
}
