import type { ShopEvent } from "@shop/events";
import { DuplicateEvent } from "../postgres/outbox.ts";
import type { EventHandlers } from "./event-handlers.ts";
import type { Outcome } from "./outcome.ts";
import type { Postgres, Tx } from "../postgres/transaction.ts";

/** Runs the event's handler once in effect, by the event's id and producer: two services may choose the same id. */
export async function handleOnce(pg: Postgres, handlers: EventHandlers, event: ShopEvent): Promise<Outcome> {
  const handle = handlers[event.type] as ((tx: Tx, event: ShopEvent) => Promise<Outcome>) | undefined;
  if (!handle) return { outcome: "ignored", reason: "NOT_HANDLED" };
  try {
    return await pg.transactGrouped(
      "events",
      async (tx) => {
        const outcome = await handle(tx, event);
        // A retried or parked event must leave nothing behind, the inbox row included.
        if (outcome.outcome === "retry" || outcome.outcome === "parked") throw new RollBack(outcome);
        return outcome;
      },
      { handled: [event] },
    );
  } catch (error) {
    if (error instanceof DuplicateEvent) return { outcome: "ignored", reason: "SEEN" };
    if (error instanceof RollBack) return error.outcome;
    throw error;
  }
}

class RollBack extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("rolled back on purpose");
    this.outcome = outcome;
  }
}
