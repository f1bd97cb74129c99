import { backoffMs, isConnectionLoss, sleep } from "@shop/service";
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
export function meetDeadlines(deps: Pick<Deps, "pg" | "log" | "signal" | "store">): AsyncDisposable {
  const { pg, log, store } = deps;
  const stopping = new AbortController();
  const signal = AbortSignal.any([deps.signal, stopping.signal]);

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

  async function run() {
    for (let failures = 0; !signal.aborted;) {
      try {
        const due = await store.due(batchSize);
        const left = await meetAll(due);
        failures = left > 0 ? failures + 1 : 0;
        if (left > 0) {
          await sleep(backoffMs(failures, 100, 2_000), signal);
        } else if (due.length < batchSize) {
          const nextMs = (await store.nextDueMs()) ?? maxSleepMs;
          const sleepMs = nextMs <= 0 ? lockedSleepMs : Math.ceil(nextMs);
          await sleep(Math.min(maxSleepMs, Math.max(5, sleepMs)), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        log.warn({ err: error }, "due orders could not be read; trying again");
        await sleep(backoffMs(failures, 100, 2_000), signal);
      }
    }
  }

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}
