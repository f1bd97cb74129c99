import { isStoreFailure } from "@shop/service";
import type Stripe from "stripe";
import type { Deps } from "../deps.ts";
import { secondsOf } from "../stripe/client.ts";
import { withoutSecrets } from "../stripe/errors.ts";
import { alarmParked } from "./alarm-parked.ts";
import { booksEvents, intentEvents, receiveProviderEvent } from "./receive-provider-event.ts";

/** The provider's lists lag, and the seconds in them are not in the order in which entries become visible. */
export const overlapSeconds = 30;
/** More than a sweep takes. */
const behindSeconds = 300;

/**
 * Receives the refunds and disputes that no webhook brought, from the provider's list of events; the cursor counts in the
 * provider's seconds. A cursor that is far behind comes from a backup or a long outage: then the events about how intents
 * moved on are received as well.
 */
export async function pollProviderEvents(deps: Deps, since: number, signal: AbortSignal): Promise<void> {
  const books = await receiveListed(deps, booksEvents, since, signal);
  const isBehind = books.now - since > behindSeconds;
  const intents = isBehind ? await receiveListed(deps, intentEvents, since, signal) : books;
  const until = Number.isFinite(books.now) ? books.now : Math.max(books.newest, intents.newest);
  if (!signal.aborted && until > 0) await deps.store.provider.advance({ eventsUntil: until });
}

async function receiveListed(
  deps: Deps,
  types: readonly (typeof booksEvents | typeof intentEvents)[number][],
  since: number,
  signal: AbortSignal,
): Promise<{ now: number; newest: number }> {
  const asked = { types: [...types], created: { gte: Math.max(0, since - overlapSeconds) }, limit: 100 };
  let now: number | undefined;
  let newest = 0;
  let after: string | undefined;
  do {
    const page = await deps.stripe.events.list({ ...asked, ...(after && { starting_after: after }) });
    now ??= secondsOf(page.lastResponse.headers);
    newest = Math.max(newest, ...page.data.map((one) => one.created));
    const known = await deps.store.provider.knownEvents(page.data.map((one) => one.id));
    for (const event of page.data.filter((one) => !known.has(one.id))) await receiveOrPark(deps, event);
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after && !signal.aborted);
  return { now: now ?? Infinity, newest };
}

/** Tries parked events again that were not tried for so long. */
export async function retryParkedEvents(deps: Deps, forSeconds: number): Promise<void> {
  const { stripe, store, log } = deps;
  for (const id of await store.provider.claimParkedEvents(forSeconds)) {
    try {
      if (await receiveOrPark(deps, await stripe.events.retrieve(id))) await store.provider.unparkEvent(id);
    } catch (error) {
      log.warn({ err: withoutSecrets(error), eventId: id }, "a parked event could not be tried again");
    }
  }
}

/**
 * Receives an event; one that fails for a reason of its own is parked, so that it holds up neither the cursor nor the events
 * behind it. False when it was parked; a failure of our store is thrown, since it is no event's own.
 */
async function receiveOrPark(deps: Deps, event: Stripe.Event): Promise<boolean> {
  try {
    await receiveProviderEvent(deps, event);
    return true;
  } catch (error) {
    if (isStoreFailure(error)) throw error;
    const err = withoutSecrets(error);
    const fields = { err, eventId: event.id, type: event.type };
    if (await deps.store.provider.parkEvent(event.id, err.message)) {
      alarmParked(deps.log, "EVENT_FAILED", fields, "an event of the provider failed and is parked");
    } else deps.log.warn(fields, "a parked event failed again");
    return false;
  }
}
