import { backoffMs, isConnectionLoss, type Kit, waitMs } from "@shop/service";
import type { Store } from "./store.ts";

/** Looked at in one go. */
const batch = 50;
/** Another instance, or a neighbour's answer, may have set a nearer deadline meanwhile. */
const longestNapMs = 1_000;

/** Expires unpaid orders when they are due, and reminds those who owe an order an answer. By the database's clock. */
export function watchDeadlines({ kit, store }: { kit: Kit<unknown>; store: Store }): AsyncDisposable {
  const { pg, log } = kit;
  const stopping = new AbortController();
  const signal = AbortSignal.any([kit.signal, stopping.signal]);

  async function look({ id, status }: Awaited<ReturnType<Store["due"]>>[number]) {
    const type = status === "AWAITING_PAYMENT" ? "ExpireOrder" : "RemindOthers";
    const { decision } = await pg.transact((tx) => store.change(tx, id, { type }));
    if (type === "RemindOthers" && decision.outcome === "changed") {
      const says = decision.events.map((event) => event.type);
      log.warn({ order: id, status, says }, "an order is overdue; the others are told again");
    }
  }

  /** False when it can't be looked at now, because somebody holds its row: the others don't wait for it. */
  async function isSeenTo(order: Parameters<typeof look>[0]): Promise<boolean> {
    try {
      await look(order);
      return true;
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      log.warn({ err: error, order: order.id }, "an order could not be looked at; trying again");
      return false;
    }
  }

  async function run() {
    for (let failures = 0; !signal.aborted;) {
      try {
        const due = await store.due(batch);
        let left = 0;
        for (const order of due) if (!(await isSeenTo(order))) left++;
        failures = left > 0 ? failures + 1 : 0;
        if (left > 0) {
          await waitMs(backoffMs(failures, 100, 2_000), signal);
        } else if (due.length < batch) {
          const nextMs = (await store.nextDueMs()) ?? longestNapMs;
          await waitMs(Math.min(longestNapMs, Math.max(5, Math.ceil(nextMs))), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        log.warn({ err: error }, "deadlines could not be looked at; trying again");
        await waitMs(backoffMs(failures, 100, 2_000), signal);
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
