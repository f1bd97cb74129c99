import { seal, subjectOf, type NewEvent, type NewTask } from "@shop/events";
import { uuidv7 } from "@shop/values";
import type { Tx } from "./postgres.ts";

/** Thrown, and so rolling back, when an event at hand has had its effect before. */
export class SeenBefore extends Error {
  override readonly name = "SeenBefore";
}

/**
 * Writes what a transaction leaves behind, in one statement, as its last: row locks are held, so seq order is commit
 * order. Also notes that the events `handled` have had their effect; throws SeenBefore when one of them had it already.
 */
export async function writeOutgoing(
  sql: Tx["sql"],
  fresh: NewEvent[],
  tasks: NewTask[],
  handled: readonly string[],
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
      select unnest(${handled as string[]}::uuid[])
      on conflict do nothing returning 1
    )
    select count(*)::int as count from noted`;
  if (noted?.count !== handled.length) throw new SeenBefore();
}
