import { readEvent, type EventType } from "@shop/events";
import { waitMs } from "./backoff.ts";
import { typeOf } from "./consumers.ts";
import { bury, messageId, reasonOf, type Graveyard } from "./dead-letters.ts";
import type { Delivery } from "./delivery.ts";
import { isStoreTrouble } from "./guard.ts";
import { handleOnce, type Hears } from "./handle.ts";
import type { Postgres } from "./postgres.ts";
import type { Projection } from "./projection.ts";

const lookEveryMs = 2_000;

/**
 * Keeps an event that this release doesn't handle and that another release of the service is subscribed to: two releases
 * share one consumer and one database. Throws when that is not durable.
 */
export async function keepUnhandled({ sql }: Pick<Postgres, "sql">, delivery: Delivery): Promise<void> {
  const body = delivery.text().replaceAll("\0", "\uFFFD");
  await sql`
    insert into unhandled_events (id, type, subject, body)
    values (${messageId(delivery.subject, body)}, ${typeOf(delivery)}, ${delivery.subject}, ${body})
    on conflict do nothing`;
}

/** Takes up what another release has kept, within seconds, as long as this one handles its type. What fails is a dead letter. */
export async function takeUpUnhandled(
  input: Graveyard & { hears: Hears; projection: Projection | undefined; signal: AbortSignal },
): Promise<void> {
  const { pg, hears, projection, log, signal } = input;
  const types = [...Object.keys(hears), ...(projection?.types ?? [])] as EventType[];
  while (!signal.aborted && types.length > 0) {
    try {
      const kept = await pg.sql<{ id: string; subject: string; body: string }[]>`
        select id, subject, body from unhandled_events where type = any(${types as string[]})
        order by noted_at limit 100`;
      for (const { id, subject, body } of kept) {
        await takeUp(subject, body).catch(async (error: unknown) => {
          if (isStoreTrouble(error)) throw error;
          const letter = { subject, text: () => body, deliveries: 1 };
          await bury(letter, reasonOf(error), input, { isUnverified: true });
        });
        await pg.sql`delete from unhandled_events where id = ${id}`;
      }
    } catch (error) {
      log.warn({ err: error }, "events that another release has kept could not be taken up; trying again");
    }
    await waitMs(lookEveryMs, signal);
  }

  async function takeUp(subject: string, body: string): Promise<void> {
    const event = readEvent(subject, body);
    if (projection?.types.includes(event.type)) await pg.transact((tx) => projection.batch(tx, [event]));
    const outcome = await handleOnce(pg, hears, event);
    if (outcome.outcome === "retry" || outcome.outcome === "parked") throw new Error(outcome.reason);
  }
}
