import type { ShopEvent } from "@shop/events";
import type { Delivery } from "./delivery.ts";
import type { HandledEvent, Postgres } from "../postgres/transaction.ts";

/** An older event has waited or is published again; a younger one is nearly always new, and isn't looked up. */
const freshMs = 5_000;
/** Maximum events of one query. */
const maxAtOnce = 1_000;

/**
 * Looks up whether events have had their effect here, all events in hand in one statement. The transaction of an event notices
 * a duplicate by itself; but then it fails, and with it all that share its group commit.
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
