import { backoffMs, isConnectionLoss, type Kit, sleep } from "@shop/service";
import type { Due, Store } from "../store/store.ts";

/** Looked at in one go, and how many of them at once. */
const batch = 50;
const atOnce = 4;
/** Another instance, or a neighbour's answer, may have set a nearer deadline meanwhile. */
const longestNapMs = 1_000;
const heldNapMs = 100;

/** Expires unpaid orders when they are due, and reminds those who owe an order an answer. By the database's clock. */
export function watchDeadlines({ kit, store }: { kit: Kit<unknown>; store: Store }): AsyncDisposable {
  const { pg, log } = kit;
  const stopping = new AbortController();
  const signal = AbortSignal.any([kit.signal, stopping.signal]);

  /** False when somebody holds its row: whoever does may be done with it in a moment. */
  async function look({ id, status, isExpired }: Due): Promise<boolean> {
    const type = isExpired ? "ExpireOrder" : "RemindOthers";
    const change = await pg.transact((tx) => store.change(tx, id, { type }, { skipsLocked: true }));
    const { decision, order } = change;
    if (type === "RemindOthers" && decision.outcome === "changed") {
      const says = decision.events.map((event) => event.type);
      log.warn({ order: id, status, says }, "an order is overdue; the others are told again");
    }
    return order !== undefined;
  }

  async function isSeenTo(order: Due): Promise<boolean> {
    try {
      return await look(order);
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      log.warn({ err: error, order: order.id }, "an order could not be looked at; trying again");
      return false;
    }
  }

  /** Side by side, so that one that takes long holds up no other. Gives how many are left. */
  async function seeTo(orders: Due[]): Promise<number> {
    const waiting = orders.values();
    let left = 0;
    const worker = async () => {
      for (const order of waiting) if (!(await isSeenTo(order))) left++;
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return left;
  }

  async function run() {
    for (let failures = 0; !signal.aborted;) {
      try {
        const due = await store.due(batch);
        const left = await seeTo(due);
        failures = left > 0 ? failures + 1 : 0;
        if (left > 0) {
          await sleep(backoffMs(failures, 100, 2_000), signal);
        } else if (due.length < batch) {
          const nextMs = (await store.nextDueMs()) ?? longestNapMs;
          // What is overdue still is held by somebody.
          const napMs = nextMs <= 0 ? heldNapMs : Math.ceil(nextMs);
          await sleep(Math.min(longestNapMs, Math.max(5, napMs)), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        log.warn({ err: error }, "deadlines could not be looked at; trying again");
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
