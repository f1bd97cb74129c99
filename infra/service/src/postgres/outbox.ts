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
export async function writeOutbox(
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
  const [row] = await sql<{ written: string[]; numbers: number[] }[]>`
    with said as (
      insert into outbox (event_id, chain, subject, body)
      select event_id, chain, subject, body
      from jsonb_to_recordset(${sql.json(events)}) as e (event_id uuid, chain text, subject text, body text)
      returning seq
    ), owed as (
      insert into tasks (id, kind, payload, run_at, attempts, locked_until)
      select id, kind, payload, now() + "inSeconds" * interval '1 second', tries,
        case when tries > 0 then clock_timestamp() + ${leaseS} * interval '1 second' end
      from jsonb_to_recordset(${sql.json(tasks as never)})
        as t (id text, kind text, payload jsonb, "inSeconds" float, tries int)
      on conflict (id) do nothing returning id
    ), noted as (
      insert into inbox (event_id, producer) select * from unnest(${ids}::uuid[], ${producers}::text[])
    )
    select array(select id from owed) as written, array(select seq from said order by seq) as numbers`.catch(
    (error: unknown) => {
      throw isKnownEvent(error) ? new DuplicateEvent() : error;
    },
  );
  const { written = [], numbers = [] } = row ?? {};
  // Numbers are given in the order of the events.
  return { tasks: new Set(written), events: events.map((one, at) => ({ ...one, no: numbers[at] ?? 0 })) };
}

/** The inbox refuses an event that it has: the transaction fails with this statement, and its COMMIT rolls back. */
function isKnownEvent(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.constraint_name === "inbox_pkey";
}
