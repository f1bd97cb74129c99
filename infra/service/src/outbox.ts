import { seal, subjectOf, type NewEvent, type NewTask } from "@shop/events";
import { uuidv7 } from "@shop/values";
import type { Tx } from "./postgres.ts";

/** Thrown, and so rolling back, when the event at hand has had its effect before. */
export class SeenBefore extends Error {
  override readonly name = "SeenBefore";
}

/**
 * Writes what a transaction leaves behind, in one statement, as its last: row locks are held, so seq order is commit
 * order. With `handled`, also notes that this event has had its effect; throws SeenBefore when it has had it already.
 */
export async function writeOutgoing(
  sql: Tx["sql"],
  fresh: NewEvent[],
  tasks: NewTask[],
  handled: string | undefined,
): Promise<void> {
  const now = new Date();
  const events = fresh.map((one) => {
    const sealed = seal(one, now);
    const chain = sealed.sagaId ?? sealed.aggregate.id;
    return { event_id: sealed.id, chain, subject: subjectOf(sealed), body: JSON.stringify(sealed) };
  });
  const due = tasks.map((task) => ({
    id: task.id ?? uuidv7(),
    kind: task.kind,
    payload: task.payload ?? {},
    delay: task.inSeconds ?? 0,
  }));
  const [noted] = await sql<{ count: number }[]>`
    with said as (
      insert into outbox (event_id, chain, subject, body)
      select event_id, chain, subject, body
      from jsonb_to_recordset(${sql.json(events)}) as e (event_id uuid, chain text, subject text, body text)
    ), owed as (
      insert into tasks (id, kind, payload, run_at)
      select id, kind, payload, now() + delay * interval '1 second'
      from jsonb_to_recordset(${sql.json(due as never)}) as t (id text, kind text, payload jsonb, delay float)
      on conflict (id) do nothing
    ), noted as (
      insert into inbox (event_id)
      select ${handled ?? null}::uuid where ${handled ?? null}::uuid is not null
      on conflict do nothing returning 1
    )
    select count(*)::int as count from noted`;
  if (handled !== undefined && noted?.count !== 1) throw new SeenBefore();
}
