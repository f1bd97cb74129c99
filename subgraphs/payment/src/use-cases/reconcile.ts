import { setTimeout as pause } from "node:timers/promises";
import type { Postgres } from "@shop/service";
import type Stripe from "stripe";
import { paymentIdOf, applyIntent, newPayment, taskOf, unknownCapture } from "../domain/index.ts";
import { booksNews, intentNews, type HearProvider } from "./receive-provider-event.ts";
import type { ParkedIntents } from "../store/parked-intents.ts";
import type { Settle } from "./settle-intent.ts";
import type { Cursors, Store } from "../store/payments.ts";
import { ours, type OurIntent } from "../stripe/intent.ts";
import { withoutSecrets } from "../stripe/errors.ts";

type Parts = {
  pg: Postgres;
  store: Store;
  parked: ParkedIntents;
  stripe: Stripe;
  shop: string;
  settle: Settle;
  hear: HearProvider;
  everySeconds: number;
  log: { warn: (fields: object, text: string) => void };
};

/** Intents younger than this are still being answered for, by their own tasks. */
const youngSeconds = 5;
/** Lists may lag, and their seconds are not in order of what becomes visible. */
const overlapSeconds = 30;
/** More than a sweep takes. */
const behindSeconds = 300;
/** What was left to a person is tried again: its order may be known by now, or the money paid back. */
const parkedSeconds = 600;
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
        if (claimed) await sweep(parts, claimed, stop.signal);
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

async function sweep(parts: Parts, cursors: Cursors, signal: AbortSignal): Promise<void> {
  await watchCustomers(parts);
  await remindTasks(parts);
  await compareIntents(parts, cursors.seenUntil, signal);
  await hearEvents(parts, cursors.eventsUntil, signal);
  for (const { orderId, intentId } of await parts.parked.take(parkedSeconds)) {
    await settleOrLater(parts, orderId, intentId);
  }
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

/**
 * Every intent of ours at the provider belongs to a payment and agrees with it, or is let go, or adopted, or parked. The cursor
 * counts in the provider's own seconds, as it told them: no clock of ours takes part.
 */
async function compareIntents(parts: Parts, seenUntil: number, signal: AbortSignal): Promise<void> {
  const { stripe, shop, store } = parts;
  const created = { gte: Math.max(0, seenUntil - overlapSeconds) };
  let newest = 0;
  let youngSince: number | undefined;
  let after: string | undefined;
  do {
    const page = await stripe.paymentIntents.list({
      created,
      limit: 100,
      ...(after && { starting_after: after }),
    });
    youngSince ??= providersNow(page.lastResponse.headers) - youngSeconds;
    const grown = page.data.filter((one) => one.created <= (youngSince ?? Infinity));
    newest = Math.max(newest, ...grown.map((one) => one.created));
    const found = await disagreeing(
      parts,
      grown.map((one) => ours(one, shop)),
    );
    for (const { orderId, intent } of found) await settleOrLater(parts, orderId, intent.id);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after && !signal.aborted);
  if (!signal.aborted && newest > 0) await store.seen(newest);
}

/**
 * Refunds and disputes that were made at the provider, without a webhook; by its own seconds as well. When we are behind, our
 * database has come from a backup or we were away for long: then we listen to how intents moved on since, too.
 */
async function hearEvents(parts: Parts, eventsUntil: number, signal: AbortSignal): Promise<void> {
  const first = await hearAll(parts, booksNews, eventsUntil, signal);
  const isBehind = first.now - eventsUntil > behindSeconds;
  const second = isBehind ? await hearAll(parts, intentNews, eventsUntil, signal) : first;
  const until = Number.isFinite(first.now) ? first.now : Math.max(first.newest, second.newest);
  if (!signal.aborted && until > 0) await parts.store.heardUntil(until);
}

/** One that can't be heard now holds up no other, but the cursor: it comes again. */
async function hearAll(
  { stripe, store, hear }: Parts,
  types: readonly (typeof booksNews | typeof intentNews)[number][],
  since: number,
  signal: AbortSignal,
): Promise<{ now: number; newest: number }> {
  const asked = { types: [...types], created: { gte: Math.max(0, since - overlapSeconds) }, limit: 100 };
  let now: number | undefined;
  let newest = 0;
  const failures: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await stripe.events.list({ ...asked, ...(after && { starting_after: after }) });
    now ??= providersNow(page.lastResponse.headers);
    newest = Math.max(newest, ...page.data.map((one) => one.created));
    const known = await store.knownEvents(page.data.map((one) => one.id));
    for (const event of page.data.filter((one) => !known.has(one.id))) {
      await hear(event).catch((error: unknown) => failures.push(error));
    }
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after && !signal.aborted);
  if (failures.length > 0) throw new AggregateError(failures, "events of the provider could not be heard");
  return { now: now ?? Infinity, newest };
}

/** By its answer's own header; without one nothing is taken for young. */
function providersNow(headers: Record<string, string>): number {
  const at = Date.parse(headers["date"] ?? "");
  return Number.isNaN(at) ? Infinity : Math.floor(at / 1000);
}

async function disagreeing({ store, parked }: Parts, found: OurIntent[]) {
  const mine = found.flatMap(({ intent, orderId }) => (orderId === null ? [] : [{ intent, orderId }]));
  const states = await store.find(mine.map((one) => paymentIdOf(one.orderId)));
  const byOrder = new Map(states.map((state) => [state.orderId, state]));
  const decisions = mine.map(({ intent, orderId }) => {
    const state = byOrder.get(orderId) ?? newPayment(orderId);
    return { orderId, intent, decision: applyIntent(state, intent, state.version) };
  });
  const unknown = decisions.filter(
    ({ decision }) => decision.outcome === "ignored" && decision.reason === unknownCapture,
  );
  const known = await parked.known(unknown.map(({ intent }) => intent.id));
  return decisions.filter(
    (one) => one.decision.outcome === "changed" || (unknown.includes(one) && !known.has(one.intent.id)),
  );
}
