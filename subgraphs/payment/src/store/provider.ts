import { unnestIds, type Postgres, type Tx } from "@shop/service";
import type { provider, providerEvents } from "../tables.ts";

/** The second of the provider's clock up to which its intents and its events are accounted for. */
export type Cursors = Pick<typeof provider.$inferSelect, "intentsUntil" | "eventsUntil">;
type EventId = Pick<typeof providerEvents.$inferSelect, "id">;

/** As long as the provider lists events. */
const eventRetentionDays = 30;

/** Reads and writes what is known of the provider: its events, the reconciler's cursors, the mark of our intents. */
export function providerRows(pg: Postgres) {
  return {
    /** The mark of our intents at the provider, which may serve other shops under the same key. */
    async shop(): Promise<string> {
      const [row] = await pg.sql<Pick<typeof provider.$inferSelect, "shop">[]>`select shop from provider`;
      if (!row) throw new Error("the table provider has lost its row");
      return row.shop;
    },

    /** Claims the due sweep for one instance; after a crash in it, the next sweep begins from the same cursors. */
    async claimSweep(everySeconds: number): Promise<Cursors | undefined> {
      const [row] = await pg.sql<Cursors[]>`
        update provider set due_at = now() + ${everySeconds} * interval '1 second' where due_at <= now()
        returning intents_until as "intentsUntil", events_until as "eventsUntil"`;
      return row;
    },

    /** Moves the cursors forward. */
    async advance({ intentsUntil = 0, eventsUntil = 0 }: Partial<Cursors>): Promise<void> {
      await pg.sql`
        update provider set intents_until = greatest(intents_until, ${intentsUntil}),
          events_until = greatest(events_until, ${eventsUntil})`;
    },

    /** Those of these events that were handled or are parked. */
    async knownEvents(ids: readonly string[]): Promise<Set<string>> {
      if (ids.length === 0) return new Set();
      const rows = await pg.sql<EventId[]>`
        select provider_events.id from ${unnestIds(pg.sql, ids)} join provider_events on provider_events.id = ids.id`;
      return new Set(rows.map(({ id }) => id));
    },

    /** Records an event as handled; false when it was handled before. */
    async recordEvent({ sql }: Tx, id: string): Promise<boolean> {
      const recorded = await sql`
        insert into provider_events (id) values (${id})
        on conflict (id) do update set failure = null where provider_events.failure is not null
        returning 1`;
      return recorded.length > 0;
    },

    /** Parks an event that failed; true when it was not parked before. One that was handled meanwhile stays so. */
    async parkEvent(id: string, failure: string): Promise<boolean> {
      const [row] = await pg.sql<{ isNew: boolean }[]>`
        insert into provider_events (id, failure, tried_at) values (${id}, ${failure}, now())
        on conflict (id) do update set failure = excluded.failure, tried_at = now()
          where provider_events.failure is not null
        returning (xmax = 0) as "isNew"`;
      return row?.isNew ?? false;
    },

    /** Claims parked events that were not tried for so long, to be tried now. */
    async claimParkedEvents(forSeconds: number, limit = 20): Promise<string[]> {
      const rows = await pg.sql<EventId[]>`
        update provider_events set tried_at = now() where id in (
          select id from provider_events
          where failure is not null and tried_at < now() - ${forSeconds} * interval '1 second'
          order by tried_at limit ${limit} for update skip locked
        ) returning id`;
      return rows.map(({ id }) => id);
    },

    /** Ends the parking of an event that was handled. */
    async unparkEvent(id: string): Promise<void> {
      await pg.sql`update provider_events set failure = null where id = ${id}`;
    },

    /** Deletes events that the provider lists no more. */
    async deleteOldEvents(): Promise<void> {
      await pg.sql`
        delete from provider_events where received_at < now() - ${eventRetentionDays} * interval '1 day'`;
    },
  };
}
