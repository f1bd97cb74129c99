import type { EventType, ShopEvent } from "@shop/events";
import { SeenBefore } from "./outbox.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres, Tx } from "./postgres.ts";

/** A table: the event I hear -> what I do, inside the transaction that also remembers that I did. */
export type Hears = { [T in EventType]?: (tx: Tx, event: ShopEvent<T>) => Promise<Outcome> };

/** Does what the table says, once for each event: by its id and its producer, who alone may say it. */
export async function handleOnce(pg: Postgres, hears: Hears, event: ShopEvent): Promise<Outcome> {
  const handle = hears[event.type] as ((tx: Tx, event: ShopEvent) => Promise<Outcome>) | undefined;
  if (!handle) return { outcome: "ignored", reason: "NOT_HEARD" };
  try {
    return await pg.transactTogether(
      "events",
      async (tx) => {
        const outcome = await handle(tx, event);
        // What is to be tried again, or was parked, must leave nothing behind, the inbox row included.
        if (outcome.outcome === "retry" || outcome.outcome === "parked") throw new Undone(outcome);
        return outcome;
      },
      { handled: [event] },
    );
  } catch (error) {
    if (error instanceof SeenBefore) return { outcome: "ignored", reason: "SEEN" };
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

class Undone extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("rolled back on purpose");
    this.outcome = outcome;
  }
}
