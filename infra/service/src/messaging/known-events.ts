import type { ShopEvent } from "@shop/events";
import type { Delivery } from "./delivery.ts";
import type { HandledEvent, Postgres } from "../postgres/transaction.ts";

/** What is older has waited, or is published again. What is younger is nearly always new, and costs no look. */
const freshMs = 5_000;
/** Maximum events of one query. */
const maxAtOnce = 1_000;

/**
 * Whether an event has had its effect here before, asked for all that are in hand in one statement. An event that is new is
 * handled in a transaction that finds this out by itself; one that is known would fail it, and all that share it.
 */
export function knownEvents({ sql }: Pick<Postgres, "sql">) {
  let waiting: {
    event: HandledEvent;
    resolve: (isKnown: boolean) => void;
    reject: (error: unknown) => void;
  }[] = [];
  let isLooking = false;

  const look = async () => {
    isLooking = true;
    // The ids of one turn of the event loop are one query.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const some = waiting.slice(0, maxAtOnce);
      waiting = waiting.slice(maxAtOnce);
      try {
        const ids = some.map(({ event }) => event.id);
        const rows = await sql<HandledEvent[]>`
          select event_id as id, producer from inbox where event_id = any(${ids}::uuid[])`;
        const known = new Set(rows.map(({ id, producer }) => `${id} ${producer}`));
        for (const { event, resolve } of some) resolve(known.has(`${event.id} ${event.producer}`));
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
    }
    isLooking = false;
  };

  return async ({ id, producer, occurredAt }: ShopEvent, { deliveries }: Delivery): Promise<boolean> => {
    if (deliveries === 1 && Date.now() - Date.parse(occurredAt) < freshMs) return false;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    waiting.push({ event: { id, producer }, resolve, reject });
    if (!isLooking) void look();
    return promise;
  };
}
