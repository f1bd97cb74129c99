import { pollLoop, type PollLoop } from "@shop/service";
import type { Deps } from "../deps.ts";
import {
  applyIntent,
  newPayment,
  paymentIdOf,
  taskOf,
  unknownCapture,
  type PaymentStatus,
} from "../domain/index.ts";
import type { Cursors } from "../store/provider.ts";
import { secondsOf } from "../stripe/client.ts";
import { withoutSecrets } from "../stripe/errors.ts";
import { ownedIntent, type OwnedIntent } from "../stripe/intent.ts";
import { overlapSeconds, pollProviderEvents, retryParkedEvents } from "./poll-provider-events.ts";
import { settleIntent } from "./settle-intent.ts";
import { settleIntentTask } from "./settle-tasks.ts";

/** Younger intents are still settled by their own tasks. */
const youngSeconds = 5;
/** How often parked intents and events are tried again: the order may be known by now, the money paid back, the fault mended. */
const retryParkedSeconds = 600;
/** After so long a state without its task has lost it: longer than any back-off of a task. */
const lostTaskSeconds = 60;
const maxPollSeconds = 5;

/** Compares the provider's state with ours every so often, until it is disposed of; one instance does each sweep. */
export function startReconciler(deps: Deps, everySeconds: number): PollLoop {
  const { store, log } = deps;
  const everyMs = Math.min(everySeconds, maxPollSeconds) * 1000;
  const onError = (error: unknown) =>
    log.warn({ err: withoutSecrets(error) }, "the reconciler failed; it will try again");
  return pollLoop({ everyMs, onError }, async (signal) => {
    const cursors = await store.provider.claimSweep(everySeconds);
    if (cursors) await sweep(deps, cursors, signal);
  });
}

/** A step that fails is tried again by the next sweep, and holds up no other step. */
async function sweep(deps: Deps, cursors: Cursors, signal: AbortSignal): Promise<void> {
  const steps = {
    "customers at their bank": () => settleWaiting(deps),
    "lost tasks": () => enqueueLostTasks(deps),
    intents: () => compareIntents(deps, cursors.intentsUntil, signal),
    events: () => pollProviderEvents(deps, cursors.eventsUntil, signal),
    "parked intents": () => retryParkedIntents(deps),
    "parked events": () => retryParkedEvents(deps, retryParkedSeconds),
    retention: () => deps.store.provider.deleteOldEvents(),
  };
  for (const [step, work] of Object.entries(steps)) {
    if (signal.aborted) return;
    await work().catch((error: unknown) =>
      deps.log.warn(
        { err: withoutSecrets(error), step },
        "a step of the reconciler failed; it will try again",
      ),
    );
  }
}

/** A customer who was with their bank is reported by webhook; this step is for a webhook that never comes. */
async function settleWaiting(deps: Deps): Promise<void> {
  for (const { orderId, intentId } of await deps.store.unsettled(["REQUIRES_ACTION"], youngSeconds)) {
    if (intentId) await settleOrEnqueue(deps, orderId, intentId);
  }
}

async function retryParkedIntents(deps: Deps): Promise<void> {
  for (const { orderId, intentId } of await deps.store.parked.claim(retryParkedSeconds)) {
    await settleOrEnqueue(deps, orderId, intentId);
  }
}

/** An intent that can't be settled now is left to a task, and holds up no other intent. */
async function settleOrEnqueue(deps: Deps, orderId: string, intentId: string): Promise<void> {
  try {
    await settleIntent(deps, orderId, intentId);
  } catch (error) {
    deps.log.warn(
      { err: withoutSecrets(error), orderId, intentId },
      "an intent could not be settled; trying again",
    );
    const when = { id: `settle-intent:${intentId}`, inSeconds: youngSeconds };
    await deps.pg.transact(async (tx) => settleIntentTask.enqueue(tx, { orderId, intentId }, when));
  }
}

const statesWithTask: PaymentStatus[] = ["AUTHORIZING", "CAPTURING", "CLOSING", "VOIDING", "REFUNDING"];

/** Enqueues the task of each state that needs one and may have lost it; this also polls refunds that are pending. */
async function enqueueLostTasks({ pg, store }: Deps): Promise<void> {
  const tasks = (await store.unsettled(statesWithTask, lostTaskSeconds)).flatMap(
    (state) => taskOf(state) ?? [],
  );
  if (tasks.length === 0) return;
  await pg.transact(async (tx) => {
    for (const { kind, payload, ...when } of tasks) tx.enqueue(kind, payload, when);
  });
}

/**
 * Settles each of our intents at the provider that differs from its payment: afterwards it belongs to a payment and agrees
 * with it, or is cancelled, adopted or parked. The cursor counts in the provider's seconds: no clock of ours takes part.
 */
async function compareIntents(deps: Deps, since: number, signal: AbortSignal): Promise<void> {
  const { stripe, shop, store } = deps;
  const created = { gte: Math.max(0, since - overlapSeconds) };
  let newest = 0;
  let youngFrom: number | undefined;
  let after: string | undefined;
  do {
    const page = await stripe.paymentIntents.list({
      created,
      limit: 100,
      ...(after && { starting_after: after }),
    });
    const until = (youngFrom ??= secondsOf(page.lastResponse.headers) - youngSeconds);
    const grown = page.data.filter((one) => one.created <= until);
    newest = Math.max(newest, ...grown.map((one) => one.created));
    const found = grown.map((one) => ownedIntent(one, shop));
    for (const { orderId, intentId } of await differing(deps, found))
      await settleOrEnqueue(deps, orderId, intentId);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after && !signal.aborted);
  if (!signal.aborted && newest > 0) await store.provider.advance({ intentsUntil: newest });
}

/** Those of our intents that would change a payment, and captures that no payment owns and that were never parked. */
async function differing({ store }: Deps, found: OwnedIntent[]) {
  const mine = found.flatMap(({ intent, orderId }) => (orderId === null ? [] : [{ intent, orderId }]));
  const states = await store.find(mine.map(({ orderId }) => paymentIdOf(orderId)));
  const byOrder = new Map(states.map((state) => [state.orderId, state]));
  const decided = mine.map(({ intent, orderId }) => {
    const state = byOrder.get(orderId) ?? newPayment(orderId);
    const decision = applyIntent(state, intent, state.version);
    const isUnknown = decision.outcome === "ignored" && decision.reason === unknownCapture;
    return { orderId, intentId: intent.id, isUnknown, isChanged: decision.outcome === "changed" };
  });
  const unknown = decided.filter(({ isUnknown }) => isUnknown).map(({ intentId }) => intentId);
  const parked = await store.parked.known(unknown);
  return decided.filter(
    ({ isChanged, isUnknown, intentId }) => isChanged || (isUnknown && !parked.has(intentId)),
  );
}
