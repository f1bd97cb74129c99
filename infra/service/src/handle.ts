import type { EventType, ShopEvent } from "@shop/events";
import { SeenBefore } from "./outbox.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres, Tx } from "./postgres.ts";

/** A table: the event I hear -> what I do, inside the transaction that also remembers that I did. */
export type Hears = { [T in EventType]?: (tx: Tx, event: ShopEvent<T>) => Promise<Outcome> };

/** Does what the table says, once for each event id. */
export async function handleOnce(pg: Postgres, hears: Hears, event: ShopEvent): Promise<Outcome> {
  try {
    const [outcome] = await handleTogether(pg, hears, [event]);
    return outcome ?? { outcome: "ignored", reason: "NOT_HEARD" };
  } catch (error) {
    if (error instanceof SeenBefore) return { outcome: "ignored", reason: "SEEN" };
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

/**
 * Does what the table says for several events in one transaction: all or none. Those of one saga one after another, sagas
 * side by side, so that their statements share round trips. Throws when one of them was seen before, or is not done.
 */
export function handleTogether(pg: Postgres, hears: Hears, events: readonly ShopEvent[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const sagas = Map.groupBy(
    events.map((event, at) => ({ event, at })),
    ({ event }) => event.sagaId ?? event.aggregate.id,
  );
  return pg.transact(
    async (tx) => {
      const inTurn = async (saga: { event: ShopEvent; at: number }[]) => {
        for (const { event, at } of saga) outcomes[at] = await handleOne(tx, hears, event);
      };
      // All have come to an end before the first failure is told: what a saga says to a connection that is rolling back
      // would have its effect, alone.
      const ended = await Promise.allSettled([...sagas.values()].map(inTurn));
      for (const one of ended) if (one.status === "rejected") throw one.reason;
      return outcomes;
    },
    { handled: events.map(({ id }) => id) },
  );
}

async function handleOne(tx: Tx, hears: Hears, event: ShopEvent): Promise<Outcome> {
  const handle = hears[event.type] as ((tx: Tx, event: ShopEvent) => Promise<Outcome>) | undefined;
  const outcome: Outcome = handle ? await handle(tx, event) : { outcome: "ignored", reason: "NOT_HEARD" };
  // What is to be tried again, or was parked, must leave nothing behind, the inbox row included.
  if (outcome.outcome === "retry" || outcome.outcome === "parked") throw new Undone(outcome);
  return outcome;
}

class Undone extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("rolled back on purpose");
    this.outcome = outcome;
  }
}
