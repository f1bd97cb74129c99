import { setTimeout as pause } from "node:timers/promises";
import type { Postgres } from "@shop/service";
import type Stripe from "stripe";
import { paymentIdOf, readIntent, newPayment, taskOf } from "./domain/index.ts";
import type { Settle } from "./settle.ts";
import type { Store } from "./store.ts";
import { ours, type OurIntent } from "./stripe/read.ts";
import { withoutSecrets } from "./stripe/refusal.ts";

type Parts = {
  pg: Postgres;
  store: Store;
  stripe: Stripe;
  shop: string;
  settle: Settle;
  everySeconds: number;
  log: { warn: (fields: object, text: string) => void };
};

/** Intents younger than this are still being answered for; lists may also lag by a moment. */
const youngSeconds = 5;
const overlapSeconds = 5;
/** A task that is asked for and missing: longer than any back-off of a task that is there. */
const forgottenSeconds = 60;

/** Compares the provider with us from time to time, until disposed of; one instance at a time does it. */
export function startReconciler(parts: Parts): AsyncDisposable {
  const { store, everySeconds, log } = parts;
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        const claimed = await store.claimSweep(everySeconds);
        if (claimed) await sweep(parts, claimed.seenUntil, stop.signal);
      } catch (error) {
        log.warn({ err: withoutSecrets(error) }, "the reconciler failed; it will try again");
      }
      await pause(Math.min(everySeconds, 5) * 1000, undefined, { signal: stop.signal, ref: false }).catch(
        () => {},
      );
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function sweep(parts: Parts, seenUntil: number, signal: AbortSignal): Promise<void> {
  await watchCustomers(parts);
  await remindTasks(parts);
  await compareIntents(parts, seenUntil, signal);
  await parts.store.forgetProviderEvents();
}

/** Who is with their bank comes back by webhook; this is for a webhook that never comes. */
async function watchCustomers(parts: Parts): Promise<void> {
  for (const { orderId, intentId } of await parts.store.unsettled(["REQUIRES_ACTION"], youngSeconds)) {
    if (intentId) await settleOrLater(parts, orderId, intentId);
  }
}

/** One that can't be settled now stops no other: a task tries it again. */
async function settleOrLater({ pg, settle, log }: Parts, orderId: string, intentId: string): Promise<void> {
  try {
    await settle(orderId, intentId);
  } catch (error) {
    log.warn(
      { err: withoutSecrets(error), orderId, intentId },
      "an intent could not be settled; trying again",
    );
    await pg.transact(async (tx) =>
      tx.enqueue("settle", { orderId, intentId }, { id: `settle:${intentId}`, inSeconds: youngSeconds }),
    );
  }
}

const working = ["AUTHORIZING", "CAPTURING", "CLOSING", "VOIDING", "REFUNDING"] as const;

/** A state that calls for a task has one, whatever happened to it; so a pending refund is looked at as well. */
async function remindTasks({ pg, store }: Parts): Promise<void> {
  const forgotten = await store.unsettled(working, forgottenSeconds);
  const tasks = forgotten.map(taskOf).filter((task) => task !== undefined);
  if (tasks.length === 0) return;
  await pg.transact(async (tx) => {
    for (const { kind, payload, ...when } of tasks) tx.enqueue(kind, payload, when);
  });
}

/** Every intent of ours at the provider belongs to a payment and agrees with it, or is undone. */
async function compareIntents(parts: Parts, seenUntil: number, signal: AbortSignal): Promise<void> {
  const { store, stripe, shop } = parts;
  const until = Math.floor(Date.now() / 1000) - youngSeconds;
  const created = { gte: seenUntil - overlapSeconds, lte: until };
  let after: string | undefined;
  do {
    const page = await stripe.paymentIntents.list({
      created,
      limit: 100,
      ...(after && { starting_after: after }),
    });
    for (const { orderId, intent } of await disagreeing(
      store,
      page.data.map((one) => ours(one, shop)),
    )) {
      await settleOrLater(parts, orderId, intent.id);
    }
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after && !signal.aborted);
  if (!signal.aborted) await store.seen(until);
}

async function disagreeing(store: Store, found: OurIntent[]) {
  const mine = found.flatMap(({ intent, orderId }) => (orderId === null ? [] : [{ intent, orderId }]));
  const states = await store.find(mine.map((one) => paymentIdOf(one.orderId)));
  const byOrder = new Map(states.map((state) => [state.orderId, state]));
  return mine.filter(({ intent, orderId }) => {
    const state = byOrder.get(orderId) ?? newPayment(orderId);
    return readIntent(state, intent, state.version).outcome === "changed";
  });
}
