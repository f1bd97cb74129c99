import { seal, subjectOf, type NewEvent } from "@shop/events";
import type { HandledEvent, PendingTask, Tx } from "./transaction.ts";

/** Thrown, and so rolling back, when an event at hand has had its effect before. */
export class DuplicateEvent extends Error {
  override readonly name = "DuplicateEvent";
}

/** How long a task is its worker's alone, unless renewed: short, so that what a killed worker held is soon taken up. */
export const leaseS = 15;

/**
 * Writes what a transaction leaves behind, in one statement, as its last: row locks are held, so seq order is commit
 * order. Also notes that the events `handled` have had their effect; throws DuplicateEvent when one of them had it already.
 * Tasks that are `taken` are written as this worker's own. RequestHandlers the ids of those that were not there before.
 */
export async function writeOutbox(
  sql: Tx["sql"],
  left: {
    events: readonly NewEvent[];
    tasks: readonly PendingTask[];
    taken: ReadonlySet<string>;
    handled: readonly HandledEvent[];
  },
): Promise<ReadonlySet<string>> {
  const now = new Date();
  const events = left.events.map((one) => {
    const sealed = seal(one, now);
    const chain = sealed.sagaId ?? sealed.aggregate.id;
    return { event_id: sealed.id, chain, subject: subjectOf(sealed), body: JSON.stringify(sealed) };
  });
  const ids = left.handled.map(({ id }) => id);
  const producers = left.handled.map(({ producer }) => producer);
  const tasks = left.tasks.map((task) => ({ ...task, tries: left.taken.has(task.id) ? 1 : 0 }));
  const [noted] = await sql<{ count: number; written: string[] }[]>`
    with said as (
      insert into outbox (event_id, chain, subject, body)
      select event_id, chain, subject, body
      from jsonb_to_recordset(${sql.json(events)}) as e (event_id uuid, chain text, subject text, body text)
    ), owed as (
      insert into tasks (id, kind, payload, run_at, attempts, locked_until)
      select id, kind, payload, now() + "inSeconds" * interval '1 second', tries,
        case when tries > 0 then clock_timestamp() + ${leaseS} * interval '1 second' end
      from jsonb_to_recordset(${sql.json(tasks as never)})
        as t (id text, kind text, payload jsonb, "inSeconds" float, tries int)
      on conflict (id) do nothing returning id
    ), noted as (
      insert into inbox (event_id, producer)
      select * from unnest(${ids}::uuid[], ${producers}::text[])
      on conflict do nothing returning 1
    )
    select (select count(*) from noted)::int as count, array(select id from owed) as written`;
  const { count = 0, written = [] } = noted ?? {};
  if (count < ids.length && count + (await noteBeside(sql, ids, producers)) < ids.length)
    throw new DuplicateEvent();
  return new Set(written);
}

/** Notes those whose ids are taken by another service's event; how many were not noted before. */
async function noteBeside(sql: Tx["sql"], ids: string[], producers: string[]): Promise<number> {
  const { count } = await sql`
    insert into inbox_same_ids (event_id, producer)
    select event_id, handled.producer from unnest(${ids}::uuid[], ${producers}::text[]) as handled (event_id, producer)
    join inbox using (event_id) where inbox.producer <> handled.producer
    on conflict do nothing`;
  return count;
}
