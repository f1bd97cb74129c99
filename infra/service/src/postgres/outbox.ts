import { seal, subjectOf, type NewEvent } from "@shop/events";
import postgres from "postgres";
import type { HandledEvent, OutboxRow, PendingTask, Tx } from "./transaction.ts";

/** Thrown, which rolls back, when a handled event has had its effect before. */
export class DuplicateEvent extends Error {
  override readonly name = "DuplicateEvent";
}

/** The lease of a task, unless renewed: short, so that the tasks of a killed worker are soon taken up. */
export const leaseS = 15;

/**
 * Writes what a transaction leaves behind, in one statement, as its last: row locks are held, so seq order is commit
 * order. Also notes that the events `handled` have had their effect; throws DuplicateEvent when one of them had it already.
 * Tasks that are `taken` are written as this worker's own. Answers the ids of those that were not there before.
 */
export function writeOutbox(
  sql: Tx["sql"],
  left: {
    events: readonly NewEvent[];
    tasks: readonly PendingTask[];
    taken: ReadonlySet<string>;
    handled: readonly HandledEvent[];
  },
): Promise<{ tasks: ReadonlySet<string>; events: readonly OutboxRow[] }> {
  const now = new Date();
  const events = left.events.map((one) => {
    const sealed = seal(one, now);
    const chain = sealed.sagaId ?? sealed.aggregate.id;
    return { event_id: sealed.id, chain, subject: subjectOf(sealed), body: JSON.stringify(sealed) };
  });
  const ids = left.handled.map(({ id }) => id);
  const producers = left.handled.map(({ producer }) => producer);
  const tasks = left.tasks.map((task) => ({ ...task, tries: left.taken.has(task.id) ? 1 : 0 }));
  // Serialised here: what can't be must be thrown before the statement is sent.
  const eventsText = JSON.stringify(events);
  const tasksText = JSON.stringify(tasks);
  const writing = sql<{ written: string[]; numbers: number[] }[]>`
    with published as (
      insert into outbox (event_id, chain, subject, body)
      select event_id, chain, subject, body
      from jsonb_to_recordset(${eventsText}::text::jsonb) as e (event_id uuid, chain text, subject text, body text)
      returning seq
    ), enqueued as (
      insert into tasks (id, kind, payload, run_at, attempts, locked_until)
      select id, kind, payload, now() + "inSeconds" * interval '1 second', tries,
        case when tries > 0 then clock_timestamp() + ${leaseS} * interval '1 second' end
      from jsonb_to_recordset(${tasksText}::text::jsonb)
        as t (id text, kind text, payload jsonb, "inSeconds" float, tries int)
      on conflict (id) do nothing returning id
    ), handled as (
      insert into inbox (event_id, producer) select * from unnest(${ids}::uuid[], ${producers}::text[])
    )
    select array(select id from enqueued) as written, array(select seq from published order by seq) as numbers`;
  return writing.then(
    ([row]) => ({
      tasks: new Set(row?.written),
      // Numbers are given in the order of the events.
      events: events.map((one, at) => ({ ...one, no: row?.numbers[at] ?? 0 })),
    }),
    (error: unknown) => {
      throw isKnownEvent(error) ? new DuplicateEvent() : error;
    },
  );
}

/** The inbox refuses an event that it has: the transaction fails with this statement, and its COMMIT rolls back. */
function isKnownEvent(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.constraint_name === "inbox_pkey";
}
